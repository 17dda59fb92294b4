import BacktapeAutodiff
import BacktapeTensors

// Plans fuse operations; to find the one at fault their records are run one after the other.

extension Graph {
  /// The first anomaly when results are computed record by record.
  fileprivate func firstAnomaly(
    of results: [Tensor], feeding feeds: [(placeholder: Tensor, value: Tensor)],
    infinities: Bool, _ variable: (Declared) -> Tensor
  ) -> Anomaly? {
    var values = Dictionary(
      uniqueKeysWithValues: feeds.map { (Int($0.placeholder.index), $0.value) })
    for (index, declared) in variables { values[index] = variable(declared) }
    return firstAnomaly(of: results, knowing: values, infinities: infinities)
  }
}

extension Function {
  /// The first operation that makes a NaN or an infinity of numbers that have none, if one does.
  ///
  /// Computes what a call would, operation by operation, and changes no variable. The calls that
  /// recorded the operation are known if the graph was defined in
  /// ``detectingAnomalies(infinities:_:)``.
  ///
  /// ```swift
  /// if let anomaly = try train.firstAnomaly(x, y) { print(anomaly) }
  /// ```
  /// - Parameters:
  ///   - values: one for each input, of its shape and type; a number takes the input's type.
  ///   - infinities: whether infinities count, or NaNs alone.
  /// - Throws: ``GraphError`` if the values do not fit.
  public func firstAnomaly(
    _ values: any TensorOperand..., infinities: Bool = true
  ) throws(GraphError) -> Anomaly? {
    let feeds = zip(inputs, try feeds(values)).map { (placeholder: $0, value: $1) }
    return graph.firstAnomaly(of: results, feeding: feeds, infinities: infinities) { declared in
      graph.access.exclusively { declared.shared.value }
    }
  }
}

extension Session {
  /// The first operation that makes a NaN or an infinity of numbers that have none, if one does.
  ///
  /// Computes what ``run(_:feeding:updating:)-(Tensor,_,_)`` would, operation by operation, and
  /// changes no variable. The calls that recorded the operation are known if the graph was defined
  /// in ``detectingAnomalies(infinities:_:)``.
  ///
  /// - Throws: ``GraphError`` as a run does.
  public func firstAnomaly(
    in fetches: [Tensor], feeding feeds: Feeds = [:], updating updates: [Update] = [],
    infinities: Bool = true
  ) throws(GraphError) -> Anomaly? {
    _ = try plan(fetches, feeds, updates)
    return graph.firstAnomaly(
      of: fetches + updates.map(\.value), feeding: feeds.pairs, infinities: infinities, current)
  }
}
