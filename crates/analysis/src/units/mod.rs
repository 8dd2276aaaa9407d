//! What single units do, and what breaks without them.

#[cfg(test)]
mod channels_tests;

registry::kinds! {
    dyn crate::Analysis, "units", "what single units do, and what breaks without them";
    ablation::AblationConfig,
    activations::ActivationsConfig,
    intervention::InterventionConfig,
    network::NetworkConfig,
    neuron::NeuronConfig,
    selectivity::SelectivityConfig,
    unit_cards::UnitCardsConfig,
    unit_ranking::UnitRankingConfig,
}
