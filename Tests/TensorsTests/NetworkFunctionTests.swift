import Backtape
import Foundation
import Testing

/// What golden cases of networks do not cover: identities, types, views, empty batches, chance.
struct NetworkFunctionTests {
  struct Shapes: Sendable, CustomTestStringConvertible {
    let x, kernel: [Int]
    let stride, dilation: Int
    let padding: Padding
    let groups: Int
    var testDescription: String {
      "\(x) by \(kernel), \(stride) apart, dilated by \(dilation), \(padding), \(groups) groups"
    }
  }

  static func normal(_ shape: [Int], _ seed: UInt64) -> Tensor {
    .randomNormal(Shape(shape), key: RandomKey(seed: seed), .float64)
  }

  @Test(
    "Transposed convolutions are the transposes of convolutions",
    arguments: [
      Shapes(x: [2, 7, 4], kernel: [3, 4, 2], stride: 1, dilation: 1, padding: .valid, groups: 1),
      Shapes(x: [2, 8, 4], kernel: [3, 2, 6], stride: 2, dilation: 1, padding: .same, groups: 2),
      Shapes(x: [1, 9, 2], kernel: [2, 2, 3], stride: 3, dilation: 1, padding: .same, groups: 1),
      Shapes(x: [1, 9, 2], kernel: [3, 1, 2], stride: 1, dilation: 2, padding: .same, groups: 2),
      Shapes(
        x: [1, 7, 7, 4], kernel: [3, 3, 2, 2], stride: 2, dilation: 1, padding: .equal(1), groups: 2
      ),
      Shapes(
        x: [1, 6, 4, 2], kernel: [3, 2, 2, 3], stride: 2, dilation: 1, padding: .same, groups: 1),
      Shapes(
        x: [1, 4, 4, 6, 2], kernel: [2, 3, 2, 1, 2], stride: 2, dilation: 1, padding: .same,
        groups: 2),
    ])
  func transposes(of shapes: Shapes) {
    let x = Self.normal(shapes.x, 1)
    let kernel = Self.normal(shapes.kernel, 2)
    let (stride, dilation) = (shapes.stride, shapes.dilation)
    let (padding, groups) = (shapes.padding, shapes.groups)
    func forward(_ x: Tensor) -> Tensor {
      switch x.rank {
      case 3:
        conv1d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
      case 4:
        conv2d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
      default:
        conv3d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
      }
    }
    let (y, pullback) = valueWithPullback(at: [x]) { forward($0[0]) }
    let u = Self.normal(y.shape.array, 3)
    // The kernel [k..., in / groups, out] as it is: its transpose goes from out to in, by groups.
    let back: Tensor
    switch x.rank {
    case 3:
      back = convTranspose1d(
        u, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    case 4:
      back = convTranspose2d(
        u, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    default:
      back = convTranspose3d(
        u, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
    #expect(back.shape == x.shape)
    #expect(back.allClose(pullback(u)[0], relative: 1e-12, absolute: 1e-12))
  }

  @Test("Groups are convolutions side by side")
  func groups() {
    let x = Self.normal([2, 5, 4, 6], 4)
    let kernel = Self.normal([2, 3, 2, 9], 5)
    let parts = (0..<3).map { group in
      conv2d(
        x.slice(axis: -1, 2 * group..<2 * group + 2),
        kernel.slice(axis: -1, 3 * group..<3 * group + 3))
    }
    let whole = conv2d(x, kernel, groups: 3)
    #expect(whole.allClose(.concatenate(parts, axis: -1), relative: 1e-13, absolute: 1e-13))
  }

  @Test("Views, float32 and integers are taken as they come")
  func views() {
    let x = Self.normal([2, 4, 6, 3], 6)
    let view = x.permute([0, 3, 1, 2]).flip(axes: [1]).permute([0, 2, 3, 1])
    let packed = Tensor(view.scalars(as: Double.self), view.shape)
    let functions: [@Sendable (Tensor) -> Tensor] = [
      { maxPool2d($0, size: 2) }, { avgPool2d($0, size: [2, 3], padding: .same) },
      { adaptiveAvgPool($0, size: 3) }, { adaptiveMaxPool($0, size: [3, 4]) },
      { upsample($0, scale: 2) }, { upsample($0, size: [3, 7], .linear) },
      { batchNorm($0).output }, { groupNorm($0, groups: 3) }, { instanceNorm($0) },
      { rmsNorm($0) }, { conv2d($0, Self.normal([2, 2, 1, 3], 7), groups: 3) },
    ]
    for function in functions {
      let y = function(view)
      #expect(y.allClose(function(packed), relative: 1e-13, absolute: 1e-13))
      let narrow = function(view.cast(.float32))
      #expect(narrow.cast(.float64).allClose(y, relative: 1e-4, absolute: 1e-5))
    }
    #expect(rmsNorm(x.cast(.float32)).dtype == .float32)
    let integers = Tensor.arange(6).reshape([1, 6, 1])
    #expect(maxPool1d(integers, size: 2).dtype == .int64)
    #expect(upsample(integers, scale: 2).dtype == .int64)
    #expect(upsample(integers, scale: 2, .linear).dtype == .float32)
    #expect(adaptiveMaxPool(integers, size: 4).scalars(as: Int.self) == [1, 2, 4, 5])
    #expect(avgPool1d(integers, size: 3).scalars(as: Float.self) == [1, 4])
  }

  @Test("parts of an axis know nothing of each other: what is not finite stays in its own")
  func unevenParts() {
    let x = Tensor([1, 2, .infinity, 4, 5.0], [1, 5, 1])
    // 0..<3 and 2..<5 of 5; 0..<2, 1..<4 and 3..<5.
    let two = adaptiveAvgPool(x, size: 2).scalars(as: Double.self)
    #expect(two == [.infinity, .infinity])
    let three = adaptiveAvgPool(x, size: 3).scalars(as: Double.self)
    #expect(three == [1.5, .infinity, 4.5])
  }

  @Test("Empty batches stay empty")
  func empty() {
    let nothing = Tensor.zeros([0, 4, 4, 2])
    #expect(conv2d(nothing, .zeros([3, 3, 1, 4]), groups: 2).shape == [0, 2, 2, 4])
    #expect(convTranspose2d(nothing, .zeros([3, 3, 5, 2]), stride: 2).shape == [0, 9, 9, 5])
    #expect(maxPool2d(nothing, size: 2).shape == [0, 2, 2, 2])
    #expect(adaptiveAvgPool(nothing, size: 3).shape == [0, 3, 3, 2])
    #expect(adaptiveMaxPool(nothing, size: 3).shape == [0, 3, 3, 2])
    #expect(upsample(nothing, scale: 3, .linear).shape == [0, 12, 12, 2])
    #expect(groupNorm(nothing, groups: 2).shape == [0, 4, 4, 2])
    #expect(rmsNorm(nothing).shape == [0, 4, 4, 2])
    #expect(dropout(nothing, rate: 0.5, key: RandomKey(seed: 1)).shape == [0, 4, 4, 2])
  }

  @Test("A batch's mean and variance are those of its channels")
  func moments() {
    let x = Tensor([[1.0, 10], [3, 10], [8, 10]])
    let y = batchNorm(x, epsilon: 0.5)
    #expect(y.mean.scalars(as: Double.self) == [4, 10])
    #expect(y.variance.allClose(Tensor([26.0 / 3, 0]), relative: 1e-15))
    let used = batchNorm(x, mean: y.mean, variance: y.variance, epsilon: 0.5)
    #expect(used.allClose(y.output, relative: 1e-15, absolute: 1e-15))
    let rows = Self.normal([3, 8], 8)
    #expect(groupNorm(rows, groups: 1).allClose(layerNorm(rows), relative: 1e-13, absolute: 1e-13))
  }

  @Test("Dropout leaves out its part, keeps the mean, and depends on the key alone")
  func dropoutKeepsTheMean() {
    let x = Tensor.ones([100, 100], .float64)
    let key = RandomKey(seed: 9)
    let y = dropout(x, rate: 0.25, key: key)
    let values = Set(y.scalars(as: Double.self))
    #expect(values == [0, 1 / 0.75])
    #expect(abs(y.mean().item() - 1) < 0.03)
    #expect(dropout(x, rate: 0.25, key: key).scalars(as: Double.self) == y.scalars(as: Double.self))
    let other = dropout(x, rate: 0.25, key: RandomKey(seed: 10))
    #expect(other.scalars(as: Double.self) != y.scalars(as: Double.self))
    let slope = gradient(at: x) { (dropout($0, rate: 0.25, key: key) * 2).sum() }
    #expect(slope.allClose(2 * y, relative: 0, absolute: 0))
    #expect(dropout(x, rate: 0, key: key).allClose(x, relative: 0, absolute: 0))
    #expect(
      dropout(x * Double.infinity, rate: 1, key: key).allClose(
        .zeros([100, 100], .float64), relative: 0, absolute: 0))
    let rows = dropout(x, rate: 0.5, uniforms: .random([100, 1], key: key))
    #expect(rows.max(axis: 1).allClose(rows.min(axis: 1), relative: 0, absolute: 0))
  }

  @Test("A one stands where each integer says, in the type asked for")
  func oneHotRows() {
    for dtype in DType.allCases {
      let rows = oneHot(Tensor([[2, 0], [1, 2]]).transposed, 3, dtype)
      #expect(rows.dtype == dtype && rows.shape == [2, 2, 3])
      #expect(rows.scalars(as: Int.self) == [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1])
    }
    #expect(oneHot(Tensor(1), 2).scalars(as: Float.self) == [0, 1])
    #expect(oneHot(.zeros([0, 2], .int32), 4).shape == [0, 2, 4])
    #expect(oneHot(.zeros([2], .uint8), 1).scalars(as: Float.self) == [1, 1])
  }

  @Test("Along an empty axis softmax is empty")
  func emptySoftmax() {
    let nothing = Tensor.zeros([2, 0], .float64)
    #expect(softmax(nothing).shape == [2, 0] && logSoftmax(nothing).dtype == .float64)
    #expect(softmax(nothing, axis: 0).shape == [2, 0])
    #expect(gradient(at: nothing) { softmax($0).sum() }.shape == [2, 0])
  }
}
