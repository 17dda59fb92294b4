#ifndef BACKTAPE_KERNELS_PROGRAM_PACKED_H
#define BACKTAPE_KERNELS_PROGRAM_PACKED_H

// Packed rows. Rows of less than eight vectors share a tile, so that what a step costs is paid once
// for all of them. Tables say where the vectors of an operand lie: for a block of rows, in as many
// tiles as it takes, from the address of its first row. A tile that lacks rows has entries of its
// own, at the end of every table.

#include "program_machine.h"

/// Tiles of packed rows that make every pass together.
enum { bt_packed_group = 4 };

/// Where the vectors of packed rows lie, for one thread.
struct bt_packed {
  bt_program_operand *row_operands;  // in row passes
  int64_t *tables;
  int64_t counts[8], tail_counts[8];  // columns in each vector of a tile, and of the last one
  int64_t tail_full, tail_rows;       // what the last entries of the tables are for
};

/// Decides whether rows are packed, and how: after all else about operands is known.
void bt_prepare_packed(bt_program *program);
int64_t bt_packed_bytes(const bt_program *program);
/// Writes the tables for blocks of at most `extent` positions of the packed axis.
void bt_start_packed(const bt_program *program, bt_machine *machine, bt_packed *packed,
                     int64_t extent, char *scratch);
/// Runs positions of the packed axis, from the addresses operands have on; moves them on.
void bt_run_packed(const bt_program *program, bt_machine *machine, int64_t begin, int64_t end,
                   const bt_move *moves, int64_t move_count);

#endif
