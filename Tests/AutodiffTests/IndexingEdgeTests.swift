import Backtape
import BacktapeAutodiff
import Testing

/// Indexing, order and cumulation at their edges: values that are said by hand.
struct IndexingEdgeTests {
  private func doubles(_ x: Tensor) -> [Double] { x.scalars(as: Double.self) }

  @Test("Second derivatives at 0 of norms and deviations are 0, not NaN")
  func flatSecondDerivatives() {
    for order in [2.0, 3, 1.5] {
      #expect(
        doubles(hessian(at: Tensor([0.0, 0.0])) { $0.norm(order) }) == [0, 0, 0, 0])
    }
    #expect(doubles(hessian(at: Tensor([1.0, 1.0])) { $0.std() }) == [0, 0, 0, 0])
  }

  @Test("Running products have derivatives of all orders, zeros or not")
  func productsOfAnyOrder() {
    // x y z, of which each derivative is 1.
    for point in [[2.0, 3, 5], [0.0, 3, 0], [0.0, 0, 0]] {
      let mixed = gradient(at: Tensor(point)) { x in
        gradient(at: x) { x in
          gradient(at: x) { $0.cumprod(axis: 0)[2] }[0]
        }[1]
      }
      #expect(doubles(mixed) == [0, 0, 1])
    }
  }

  @Test("Of several values for one place the last is put there and gets the derivative")
  func lastOfSeveral() {
    let x = Tensor([1.0, 2, 3, 4])
    let v = Tensor([10.0, 20, 30])
    let at = Tensor([2, 0, 2])
    let weights = Tensor([1.0, 2, 3, 4])
    for put: @Sendable (Tensor, Tensor) -> Tensor in [
      { $0.scatter($1, at: at, axis: 0) }, { $0.indexCopy($1, at: at) }, { $0.put($1, at: at) },
    ] {
      #expect(doubles(put(x, v)) == [20, 2, 30, 4])
      let slopes = gradient(at: [x, v]) { (put($0[0], $0[1]) * weights).sum() }
      #expect(doubles(slopes[0]) == [0, 2, 0, 4])
      #expect(doubles(slopes[1]) == [0, 1, 3])
    }
    let rows = Tensor.zeros([3, 2]).scatter(7, at: [[1, 1], [1, 0]], axis: 0)
    #expect(doubles(rows) == [0, 7, 7, 7, 0, 0])
    #expect(
      doubles(
        Tensor.zeros([2, 3]).indexCopy(Tensor([1.0, 2]).expandDims(at: 1), at: [2, 2], axis: 1))
        == [0, 0, 1, 0, 0, 2])
  }

  @Test("Values keep their sign and type on the way")
  func exactValues() {
    let x = Tensor([1.0, 1]).scatter(Tensor([-0.0]), at: [1], axis: 0)
    #expect(x[1].item().sign == .minus)
    let bools = Tensor([true, false, true]).indexCopy(Tensor([false]), at: [0])
    #expect(bools.dtype == .bool && doubles(bools) == [0, 0, 1])
    #expect(Tensor([1, 2]).scatter(2.5, at: [0], axis: 0).scalars(as: Int.self) == [2, 2])
    #expect(Tensor([UInt8(250)]).indexAdd(Tensor([10]), at: [0]).scalars(as: Int.self) == [4])
    let wide = Tensor([Int.max, Int.min, 0])
    #expect(wide.sort().scalars(as: Int.self) == [.min, 0, .max])
    #expect(wide.argsort(descending: true).scalars(as: Int.self) == [0, 2, 1])
    #expect(wide.cummax(axis: 0).values.scalars(as: Int.self) == [.max, .max, .max])
  }

  @Test("Nothing to sort, scatter, select or repeat is nothing")
  func nothing() {
    let none = Tensor.zeros([0, 3], .float64)
    #expect(none.sort(axis: 0).shape == [0, 3])
    #expect(none.cumprod(axis: 0).shape == [0, 3])
    #expect(none.cumsum(axis: 1).shape == [0, 3])
    #expect(none.unique().values.shape == [0])
    #expect(none.unique().inverse.shape == [0, 3])
    #expect(none.nonzero().shape == [0, 2])
    #expect(none.nonzero(size: 2).shape == [2, 2])
    #expect(none.maskedSelect(none .> 0).shape == [0])
    #expect(none.maskedSelect(none .> 0, size: 2).scalars(as: Int.self) == [0, 0])
    #expect(none.tile([2, 2]).shape == [0, 6])
    #expect(none.repeat(2, axis: 1).shape == [0, 6])
    #expect(none.roll(1, axis: 0).shape == [0, 3])
    #expect(none.pad([(1, 1), (0, 0)]).shape == [2, 3])
    #expect(none.diagonal().shape == [0])
    #expect(none.trace().item() == 0)
    #expect(none.tril().shape == [0, 3])
    #expect(none.quantile([], axis: 1).shape == [0, 0])
    #expect(Tensor.meshgrid([]).isEmpty)
    #expect(none.unstack().isEmpty)
    #expect(none.unstack(axis: 1).count == 3)
    let empty = Tensor([Int](), [0])
    let x = Tensor([[1.0, 2]])
    #expect(doubles(x.indexCopy(Tensor.zeros([0, 2]), at: empty)) == [1, 2])
    #expect(doubles(x.indexAdd(5, at: empty)) == [1, 2])
    #expect(doubles(x.scatter(5, at: .zeros([0, 2], .int64), axis: 0)) == [1, 2])
    #expect(x.take(empty).shape == [0, 2])
    #expect(x.gather(.zeros([0, 2], .int64), axis: 0).shape == [0, 2])
    #expect(doubles(Tensor.zeros([0]).segmentSum(empty, count: 2)) == [0, 0])
    #expect(Tensor([true, false]).segmentSum([1, 1], count: 2).scalars(as: Int.self) == [0, 1])
    #expect(
      doubles(gradient(at: none) { $0.sort(axis: 1).sum() + $0.cumprod(axis: 0).sum() }) == [])
  }

  @Test("A size fixes how many elements a mask selects, more or fewer than there are")
  func sizes() {
    let x = Tensor([1.0, -2, 3, -4, 5])
    #expect(doubles(x.maskedSelect(x .> 0, size: 5)) == [1, 3, 5, 0, 0])
    #expect(doubles(x.maskedSelect(x .> 0, size: 2)) == [1, 3])
    #expect(doubles(x.maskedSelect(x .> 0, size: 7)) == [1, 3, 5, 0, 0, 0, 0])
    let nan = Tensor([Double.nan, 1])
    #expect(doubles(nan.maskedSelect([false, true], size: 2)) == [1, 0])
    #expect(doubles((x .> 0).nonzero(size: 4)) == [0, 2, 4, 0])
    #expect(doubles((x .> 0).nonzero(size: 1)) == [0])
    let slopes = gradient(at: x) { $0.maskedSelect($0 .> 0, size: 5).power(2).sum() }
    #expect(doubles(slopes) == [2, 0, 6, 0, 10])
    let y: Tensor = [3, 1, 3, 2, 1]
    let (values, inverse, counts) = y.unique(size: 5)
    #expect(doubles(values) == [1, 2, 3, 1, 1])
    #expect(doubles(inverse) == [2, 0, 2, 1, 0])
    #expect(doubles(counts) == [2, 1, 2, 0, 0])
    #expect(doubles(y.unique(size: 2).values) == [1, 2])
    #expect(doubles(y.unique(size: 2).counts) == [2, 1])
    #expect(doubles(y.unique(size: 0).values) == [])
  }

  @Test("Graphs select by a size, and refuse without one by name")
  func graphs() async throws {
    let graph = Graph()
    let x = graph.placeholder("x", [5], .float64)
    let slope = graph.gradients(
      of: x.maskedSelect(x .> 0, size: 4).power(2).sum(), withRespectTo: [x])[0]
    let (values, inverse, counts) = x.unique(size: 4)
    let (top, places) = x.topk(2)
    let outputs = [
      x.maskedSelect(x .> 0, size: 4), (x .> 0).nonzero(size: 4), slope, values, inverse, counts,
      top, places, x.sort().searchsorted(Tensor([0.0, 3])),
    ]
    let f = try Function(inputs: [x], outputs: outputs)
    let results = try f(Tensor([1.0, -2, 3, -4, 1])).map(doubles)
    #expect(results[0] == [1, 3, 1, 0])
    #expect(results[1] == [0, 2, 4, 0])
    #expect(results[2] == [2, 0, 6, 0, 2])
    #expect(results[3] == [-4, -2, 1, 3])
    #expect(results[4] == [2, 1, 3, 0, 2])
    #expect(results[5] == [1, 1, 2, 1])
    #expect(results[6] == [3, 1] && results[7] == [2, 0])
    #expect(results[8] == [2, 4])
    // Fed again: the plan keeps nothing of the values.
    let again = try f(Tensor([-1.0, -1, -1, 2, 2]))
    #expect(doubles(again[0]) == [2, 2, 0, 0])

    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Graph().placeholder("x", [5], .float64)
      _ = x.maskedSelect(x .> 0)
    }
    let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(text.contains("maskedSelect: how many elements of [5] there are depends on values"))
    #expect(text.contains("give a size"))
  }

  @Test("Indices fed to a graph are looked at before it runs")
  func fedIndices() throws {
    let graph = Graph()
    let at = graph.placeholder("at", [2, 2], .int64)
    let x = Tensor([[1.0, 2, 3], [4, 5, 6]])
    let functions: [(extent: Int, apply: (Tensor) -> Tensor)] = [
      (3, { x.scatter(0, at: $0, axis: 1) }), (3, { x.scatterAdd(1, at: $0, axis: 1) }),
      (3, { x.gather($0, axis: 1) }), (6, { x.put(1, at: $0) }),
      (2, { x.indexAdd(1, at: $0.flatten()) }), (2, { x.indexCopy(1, at: $0.flatten()) }),
      (2, { x.transposed.gatherND($0) }), (2, { x.indexSelect($0[0], axis: 0) }),
      (5, { x.segmentSum($0[0], count: 5) }),
    ]
    for (extent, apply) in functions {
      let f = try Function(inputs: [at], outputs: [apply(at)])
      let good: Tensor = [[1, 0], [1, 1]]
      let results = try f(good)
      #expect(results[0].allClose(apply(good), relative: 0, absolute: 0))
      for wrong in [extent, -1] {
        #expect(throws: GraphError.wrongIndex(input: "at", index: wrong, extent: extent)) {
          _ = try f(Tensor([[1, wrong], [1, 1]]))
        }
      }
    }
  }

  @Test("Mapped over examples they do what they do for each")
  func mapped() {
    let x = Tensor.randomNormal([4, 3, 5], key: RandomKey(seed: 5), .float64)
    let at: Tensor = [[0, 3, 3], [1, 4, 0], [2, 2, 2]]
    let functions: [(Tensor) -> Tensor] = [
      { $0.sort(axis: 0) }, { $0.argsort(descending: true) }, { $0.cumsum(axis: 1) },
      { $0.cumprod(axis: 0) }, { $0.cummax(axis: 1).values }, { $0.cummin(axis: 0).indices },
      { $0.logcumsumexp(axis: 1) }, { $0.median(axis: 0) }, { $0.quantile([0.3, 0.5]) },
      { $0.topk(2, axis: 0).values }, { $0.norm(3, axis: 1) }, { $0.std() },
      { $0.scatter(1, at: at, axis: 1) }, { $0.scatterAdd($0, at: at, axis: 1) },
      { $0.gather(at, axis: 1) }, { $0.gatherND([[0, 1], [2, 4]]) },
      { $0.indexCopy(0, at: [1, 1]) }, { $0.indexAdd($0.sum(), at: [2, 2], axis: 1) },
      { $0.segmentSum([1, 0, 1], count: 2) }, { $0.maskedSelect($0 .> 0, size: 9) },
      { ($0 .> 0).nonzero(size: 6) }, { $0.unique(size: 15).values },
      { $0.flatten().sort().searchsorted($0) }, { $0.pad([(1, 1), (2, 0)], mode: .reflect) },
      { $0.roll(2) }, { $0.tril(1) }, { $0.diagonal(-1) }, { $0[0].diagEmbed(1) },
      { $0.tile([2, 1]) }, { $0.repeat(2, axis: 1) }, { $0.maskedScatter($0 .> 0, $0.flip()) },
      { x in gradient(at: x) { ($0.sort(axis: 0).cumprod(axis: 1) * x).sum() } },
    ]
    for (position, function) in functions.enumerated() {
      let expected = Tensor.stack(x.unstack().map(function))
      let found = vmap(function)(x)
      #expect(found.dtype == expected.dtype, "function \(position)")
      #expect(found.allClose(expected, relative: 1e-13), "function \(position)")
    }
    // Examples that differ in their places too.
    let places: Tensor = [[0, 1], [2, 2], [1, 0], [2, 1]]
    let scattered = vmap { (x: Tensor, at: Tensor) in x.indexCopy(7, at: at) }(x, places)
    for (i, (x, at)) in zip(x.unstack(), places.unstack()).enumerated() {
      #expect(scattered[i].allClose(x.indexCopy(7, at: at), relative: 0, absolute: 0))
    }
  }
}
