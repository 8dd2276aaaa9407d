//! What single units do, and what breaks without them.

pub mod diagram;

registry::kinds! {
    dyn crate::Analysis, "units", "what single units do, and what breaks without them";
    ablation::AblationConfig,
    activations::ActivationsConfig,
    intervention::InterventionConfig,
    neuron::NeuronConfig,
    selectivity::SelectivityConfig,
    unit_ranking::UnitRankingConfig,
}
