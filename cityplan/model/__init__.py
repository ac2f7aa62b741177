"""The nouns: study area, layers, network, city, standard, result, report."""
