import BacktapeTensors
import Synchronization

/// Lets one task at a time at the variables that plans share.
package final class VariableAccess: Sendable {
  private let mutex = Mutex(())

  package init() {}

  /// Runs when no other task has access.
  func exclusively<R: Sendable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    try mutex.withLock { _ throws(E) in try body() }
  }
}

/// A value that stays at one address while plans read and update it.
///
/// Plans and whoever else reads and writes it take turns by a ``VariableAccess``.
package final class Variable: @unchecked Sendable {
  private let node: Node

  package init(_ initial: Tensor) {
    node = withExtendedLifetime(initial) { Node.copy(of: initial.descriptor) }
  }

  package var descriptor: DescriptorPointer { node.descriptor }

  /// The value, as a tensor of its own.
  package var value: Tensor {
    get { Tensor(Node.copy(of: node.descriptor)) }
    set {
      withExtendedLifetime(newValue) { newValue.descriptor.copyElements(to: node.descriptor) }
    }
  }
}
