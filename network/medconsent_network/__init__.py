"""The Fabric network of a consortium, as native processes: one home folder for each institution.

Start with `medconsent_network.consortium.Consortium`, which the command line, the tests, the benchmark and the demo
all use.
"""
