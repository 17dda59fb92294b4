import Backtape
import Foundation
import Testing

/// What golden cases of losses do not cover: types, empty batches, and what is refused.
struct LossTests {
  @Test("Outputs decide the type, integers become float32")
  func types() {
    let x: Tensor = [1, 2, 4]
    let t: Tensor = [1, 0, 1]
    for loss in [
      mseLoss(x, t), l1Loss(x, t), huberLoss(x, t), smoothL1Loss(x, t), hingeLoss(x, t),
      bceWithLogitsLoss(x, t), poissonNLLLoss(x, t), hingeEmbeddingLoss(x, t),
    ] {
      #expect(loss.dtype == .float32 && loss.shape == [])
    }
    #expect(mseLoss(x, t).item() == Double(Float(13) / 3))
    #expect(mseLoss(x.cast(.float64), t.cast(.float32)).dtype == .float64)
    #expect(crossEntropy(x.expandDims(at: 0), [2], weights: [1, 2, 3]).dtype == .float32)
  }

  @Test("Over nothing a mean is NaN, a sum 0, and nothing is nothing")
  func empty() {
    let nothing = Tensor.zeros([0, 3], .float64)
    #expect(mseLoss(nothing, nothing).scalars(as: Double.self)[0].isNaN)
    #expect(mseLoss(nothing, nothing, reduction: .sum).item() == 0.0)
    #expect(l1Loss(nothing, nothing, reduction: .none).shape == [0, 3])
    let labels = Tensor.zeros([0], .int64)
    #expect(crossEntropy(nothing, labels, ignoreIndex: 1, reduction: .none).shape == [0])
    #expect(nllLoss(nothing, labels, reduction: .sum).item() == 0.0)
    #expect(cosineSimilarity(nothing, nothing).shape == [0])
    // As in PyTorch, where every label is ignored.
    let ignored = crossEntropy(Tensor([[0.5, 1]]), [9], ignoreIndex: 9)
    #expect(ignored.scalars(as: Double.self)[0].isNaN)
  }

  @Test("Probabilities of 0 and 1 give losses that are held")
  func extremeProbabilities() {
    let p = Tensor([0.0, 1, 0, 1])
    let t = Tensor([0.0, 1, 1, 0])
    #expect(bceLoss(p, t, reduction: .none).scalars(as: Double.self) == [0, 0, 100, 100])
    // The formula that PyTorch computes: it keeps (p - t) / max(p (1 - p), 1e-12).
    let points = Tensor([0.0, 1, 0, 1, 0, 1e-13, 1e-50, 1 - 1e-13, 1e-8, 0.3])
    let goals = Tensor([0.0, 1, 1, 0, 0.5, 0.3, 1, 0.7, 0, 1])
    let least = Double(1e-12 as Float)
    let expected = (points - goals) / (points * (1 - points)).clip(min: least)
    let slopes = gradient(at: points) { bceLoss($0, goals, reduction: .sum) }
    #expect(slopes.allClose(expected, relative: 1e-12))
    #expect(gradient(at: p) { bceLoss($0, t) }.allClose([0, 0, -2.5e11, 2.5e11], relative: 1e-7))
    let narrow = bceLoss(p.cast(.float32), t.cast(.float32), reduction: .none)
    #expect(narrow.scalars(as: Float.self) == [0, 0, 100, 100])
  }

  @Test("Residuals whose squares overflow have losses and derivatives")
  func largeResiduals() {
    let x = Tensor([Double.infinity, 1e300])
    let (value, slope) = valueWithGradient(at: x) { huberLoss($0, .zeros([2], .float64)) }
    #expect(value.item() == Double.infinity)
    #expect(slope.scalars(as: Double.self) == [0.5, 0.5])
  }
}
