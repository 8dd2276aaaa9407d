//! Layers, one file each; losses, initialisation, named activations, save and load.
