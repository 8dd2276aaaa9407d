//! Marks, scales, axes and colour maps to SVG; knows plain numbers, nothing of networks.
