//! What single units do, and what breaks without them.

registry::kinds! {
    dyn crate::FigureKind, "units", "what single units do, and what breaks without them";
    ablation::Ablation,
    ablation_pairs::AblationPairs,
    activation_drift::ActivationDrift,
    activation_histograms::ActivationHistograms,
    intervention::Intervention,
    network::Network,
    neuron_confusion::NeuronConfusion,
    neuron_scaling::NeuronScaling,
    selectivity::Selectivity,
    unit_cards::UnitCards,
    unit_health::UnitHealth,
    unit_heatmap::UnitHeatmap,
    unit_ranking::UnitRanking,
}
