#ifndef BACKTAPE_PLANS_H
#define BACKTAPE_PLANS_H

// What a plan is made of: instructions prepared once and run again and again. Whoever makes one
// owns its memory and may change addresses between runs, nothing else.

#include <stdbool.h>

#include "BacktapeKernels.h"

// MARK: instructions

/// Runs the part begin..<end of the axis an instruction is shared out along; `chunk` numbers the
/// part, for partial results.
typedef void (*bt_run)(const void *body, int64_t begin, int64_t end, int64_t chunk);

typedef struct {
  bt_run run;
  const void *body;
  int64_t extent;  // of the axis it is shared out along
} bt_instruction;

/// An address in an instruction, and by how many bytes it goes on from round to round.
typedef struct {
  char **address;
  int64_t step;
} bt_shift;

/// How often something is done, and what goes on in between. Afterwards all is where it was.
typedef struct {
  int64_t count, shift_count;
  const bt_shift *shifts;
} bt_rounds;

/// Instructions between two meetings of the threads: chunk i of one needs, of what the others of
/// the phase write, what their chunk i writes and nothing else.
typedef struct {
  int64_t first, count, chunks;
  /// Where phases are done several times: of the last of them their number, else 0.
  int64_t looped;
  bt_rounds rounds;
} bt_phase;

/// Runs phases in order. Allocates nothing; chunk c of an instruction is always
/// extent * c / chunks ..< extent * (c + 1) / chunks, whatever the number of threads.
void bt_run_phases(const bt_instruction *instructions, const bt_phase *phases, int64_t count);

/// Instructions of a phase done several times, as one chunk has them: for their addresses move.
typedef struct {
  const bt_instruction *instructions;
  int64_t count, chunks;
  bt_rounds rounds;
} bt_loop;
/// The `run` of an instruction whose body is a list of loops, one for each chunk.
void bt_run_loop(const void *loops, int64_t begin, int64_t end, int64_t chunk);

// MARK: copies and sums of parts

/// Elements of a size moved between two layouts; shared out along the first axis.
typedef struct {
  size_t size;
  int32_t rank;
  int64_t extents[BT_MAX_RANK], to_strides[BT_MAX_RANK], from_strides[BT_MAX_RANK];
  char *to;
  const char *from;
} bt_copy_body;
void bt_run_copy(const void *copy, int64_t begin, int64_t end, int64_t chunk);

/// to[count] = the sum over parts of from[parts, count]; shared out along the count.
typedef struct {
  bt_dtype dtype;
  int64_t parts, count;
  char *to;
  const char *from;
} bt_sum_body;
void bt_run_sum(const void *sum, int64_t begin, int64_t end, int64_t chunk);

// MARK: tile programs

/// Axes a program walks outside its columns.
#define BT_PROGRAM_AXES 6

/// Where an operand of a step lies.
typedef BT_ENUM(bt_place){
    /// Memory that moves with the outer axes, and with the columns one by one.
    bt_stream,
    /// Memory with one element for each row: it moves with the outer axes alone.
    bt_row_element,
    /// Memory whose `period` elements repeat along the columns; outer axes move it too.
    bt_periodic,
    /// A number, held in the operand itself.
    bt_number,
    /// Scratch for the columns at work, forgotten after them.
    bt_tile,
    /// Scratch for the columns of a row, kept until the row is done.
    bt_row,
    /// One number, kept until the row is done: what row reductions give and row passes compute.
    bt_slot,
    /// Memory for partial sums, `columns` (or `period`, if not 0) elements for each chunk.
    bt_column_sums,
    /// Memory for partial sums, one element for each chunk.
    bt_totals,
} bt_place;

typedef struct {
  bt_place place;
  bt_dtype dtype;  // as stored: the program's, or bool, 0 or 1 in arithmetic
  int64_t period;
  double number;
  char *address;                     // of the first element of memory; of numbers worked out
  int64_t strides[BT_PROGRAM_AXES];  // of memory, in elements, along the outer axes
  /// Where the machine finds it: at `address` + (offset of the column & mask). In packed rows,
  /// where every eight `offsets` are those of the vectors of a tile: at `address` +
  /// offsets[tile * 8 & mask]. And in a row pass over packed rows, where the rows are the columns:
  /// elements of memory are `row_vectors` of the offsets apart, `tile_rows` of them in eight.
  int64_t mask;
  const int64_t *offsets;
  int16_t row_vectors, tile_rows;
  /// Worked out by bt_prepare_program, as are these before.
  struct {
    float number;     // in float32
    bool is_splat;    // one element for all columns of a tile
    bool is_wrapped;  // read or summed through scratch that repeats
    int64_t scratch;  // where its scratch begins; -1: it has none
    int32_t table;    // of where its vectors lie in packed rows
  } prepared;
} bt_program_operand;

/// Steps act on an accumulator that holds a tile of columns. Unary operations are
/// `bt_step_unary + bt_exp` and so on; binary ones `bt_step_binary + bt_add`: accumulator (op) x;
/// `bt_step_reversed + bt_subtract`: x (op) accumulator. Comparisons give 0 or 1; and, or and xor
/// take nothing else. A step loads before a later one stores, tile by tile: an operand may have the
/// address and the strides of another, but not if it repeats (`bt_periodic`). What a reduction puts
/// into a slot is there after the pass. Row passes take slots, row elements, numbers and totals.
enum {
  bt_step_load,      // accumulator = x
  bt_step_store,     // x = accumulator: a stream, tile, row or, in a row pass, slot or row element
  bt_step_select,    // accumulator = accumulator != 0 ? x : y
  bt_step_sum,       // x (slot) = sum of the row; (column sums) += ; (total) +=
  bt_step_max,       // x (slot) = maximum of the row, NaN before all
  bt_step_min,
  bt_step_unary = 32,
  bt_step_binary = 64,
  bt_step_reversed = 96,
};

typedef struct {
  uint8_t operation;
  uint8_t code;   // worked out by bt_prepare_program
  uint16_t x, y;  // operands by number, where the operation takes them
} bt_step;

/// Steps done for all columns of a row, or once for it (on slots, row elements and numbers).
typedef struct {
  int32_t first, count;
  bool is_row;
} bt_pass;

/// Elementwise operations and the reductions between them over one domain: outer axes and columns.
/// For every row (a position of the outer axes) it makes its passes in order. It is shared out
/// along the first outer axis or, if there is none, along its columns, `unit` at a time.
///
/// Every result has the bits that the operations give one by one, except sums and the sign of a
/// maximum or minimum of zeros.
typedef struct {
  bt_dtype dtype;  // float32 or float64
  int32_t rank;    // outer axes
  int64_t extents[BT_PROGRAM_AXES];
  int64_t columns, unit;
  int32_t operand_count, step_count, pass_count;
  bt_program_operand *operands;
  bt_step *steps;
  const bt_pass *passes;
  /// Worked out by bt_prepare_program.
  struct {
    int64_t scratch_bytes, sums_apart;
    int32_t wrapped_count, sum_count;  // operands that repeat; column sums and totals
    bool is_sequence;                  // the passes are the steps in order
    bool takes_scratch;                // of the thread: some operand lies there
    bool is_plain;                     // one pass over columns alone, nothing summed or repeated
    /// Rows that share tiles: the axis of which a block has so many positions, -1 if there is none,
    /// each of `inner` rows.
    int32_t packed_axis, table_count;
    int64_t row_vectors, block, inner;
    const void *set;                   // of the instruction set in use at the time
  } prepared;
} bt_program;

/// Works out what does not depend on addresses. Call after the last change.
void bt_prepare_program(bt_program *program);
/// Gives a program that no two threads run at once scratch of its own, of prepared.scratch_bytes
/// aligned to 64, if it is prepared.is_plain: then it need not take any when it runs.
void bt_keep_scratch(bt_program *program, char *scratch);
/// The `run` of an instruction whose body is a program.
void bt_run_program(const void *program, int64_t begin, int64_t end, int64_t chunk);

// MARK: contractions

/// An axis and the step each operand takes along it, in elements; 0 for an operand without it.
typedef struct {
  int64_t extent, a, b, c;
} bt_contraction_axis;

/// Which axes an instruction is shared out along. No bit of a result depends on where the parts
/// begin, except with bt_cut_contracted, where every chunk has a sum of its own.
typedef BT_ENUM(bt_cut){
    bt_cut_best,     // for bt_prepare_contraction to choose: it writes its choice here
    bt_cut_leading,  // the first axis of c as given: of the batch, else of rows, else of columns
    bt_cut_rows, bt_cut_columns, bt_cut_batch,  // in tiles, panels and positions of the batch
    /// The contracted axes, for a small c: chunk i writes (or, accumulating, adds) its sum to
    /// c + i * c_part, and whoever runs the chunks adds them up. bt_cut_best chooses it only if
    /// c_part is not 0; then c must have `prepared.chunks` parts.
    bt_cut_contracted,
} bt_cut;

/// c[batch, rows, columns] (+)= scale * sum over contracted of a[batch, rows, contracted] *
/// b[batch, contracted, columns], where every group is several axes with any steps, overlapping
/// windows and 0 included. Steps of c do not overlap.
typedef struct {
  bt_dtype dtype;  // float32 or float64
  bool accumulate;
  double scale;    // of floating-point sums; bt_prepare_contraction reads it, as `accumulate`
  int32_t batch_rank, row_rank, column_rank, contracted_rank;
  bt_contraction_axis batch[BT_MAX_RANK], rows[BT_MAX_RANK], columns[BT_MAX_RANK],
      contracted[BT_MAX_RANK];
  /// Sums of several products: what is added to a and b for each, in elements; 1 and null for one.
  int64_t term_count;
  const int64_t *a_terms, *b_terms;
  const char *a, *b;
  char *c;
  bt_cut cut;
  int64_t c_part;
  /// Worked out by bt_prepare_contraction: axes merged, kernel chosen. Nothing else is changed but
  /// `cut`.
  struct {
    /// Along the cut: its length (of bt_cut_leading in elements, else in units of the kernel), and
    /// how many parts are worth it, 0 for none. By shapes and steps alone.
    int64_t extent, chunks;
    bt_contraction_axis internal[40];
  } prepared;
} bt_contraction;

/// For what does not change: all but addresses.
void bt_prepare_contraction(bt_contraction *contraction);
/// The `run` of an instruction whose body is a prepared contraction.
void bt_run_contraction(const void *contraction, int64_t begin, int64_t end, int64_t chunk);
/// Prepares and runs at once, on several threads where that pays. Takes every dtype: integers wrap,
/// bool is or of and. `cut` and `c_part` are not looked at.
void bt_contract(bt_contraction *contraction);

#endif
