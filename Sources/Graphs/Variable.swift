import BacktapeTensors

/// A value that stays at one address while plans read and update it.
package final class Variable {
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
