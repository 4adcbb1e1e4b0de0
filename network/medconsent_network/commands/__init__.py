"""Commands of `medconsent-network`, a module a noun. They parse, call and print."""
