// The umbrella: users write `import Backtape`.
@_exported import BacktapeAutodiff
@_exported import BacktapeGraphs
@_exported import BacktapeModels
@_exported import BacktapeTensors
