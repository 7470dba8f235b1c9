"""Folds over the graph, each written once for all layers."""
