/// Is told what training is doing. Every method may be left out.
///
/// The order is that of Keras: `trainBegin`, then for every epoch `epochBegin`, for every batch
/// `trainBatchBegin` and `trainBatchEnd`, with validation data `testBegin`, `testBatchBegin`,
/// `testBatchEnd` and `testEnd`, then `epochEnd`; `trainEnd` last. Epochs and batches count from 0.
///
/// A callback may set ``Model/learningRate`` and ``Model/stopTraining``, and read or set parameters.
public protocol Callback: AnyObject {
  /// Before the first epoch.
  func trainBegin(_ model: Model)
  /// Before an epoch.
  func epochBegin(_ model: Model, epoch: Int)
  /// Before a training step.
  func trainBatchBegin(_ model: Model, batch: Int)
  /// After a training step, with the epoch's values so far.
  func trainBatchEnd(_ model: Model, batch: Int, logs: Logs)
  /// Before a validation or an evaluation.
  func testBegin(_ model: Model)
  /// Before a batch of it.
  func testBatchBegin(_ model: Model, batch: Int)
  /// After a batch of it, with the values so far.
  func testBatchEnd(_ model: Model, batch: Int, logs: Logs)
  /// After a validation or an evaluation.
  func testEnd(_ model: Model, logs: Logs)
  /// After an epoch and its validation, whose values are called `val_...`.
  func epochEnd(_ model: Model, epoch: Int, logs: Logs)
  /// After the last epoch, with its values; nil if none was trained.
  func trainEnd(_ model: Model, logs: Logs?)
}

extension Callback {
  /// Does nothing.
  public func trainBegin(_ model: Model) {}
  /// Does nothing.
  public func epochBegin(_ model: Model, epoch: Int) {}
  /// Does nothing.
  public func trainBatchBegin(_ model: Model, batch: Int) {}
  /// Does nothing.
  public func trainBatchEnd(_ model: Model, batch: Int, logs: Logs) {}
  /// Does nothing.
  public func testBegin(_ model: Model) {}
  /// Does nothing.
  public func testBatchBegin(_ model: Model, batch: Int) {}
  /// Does nothing.
  public func testBatchEnd(_ model: Model, batch: Int, logs: Logs) {}
  /// Does nothing.
  public func testEnd(_ model: Model, logs: Logs) {}
  /// Does nothing.
  public func epochEnd(_ model: Model, epoch: Int, logs: Logs) {}
  /// Does nothing.
  public func trainEnd(_ model: Model, logs: Logs?) {}
}
