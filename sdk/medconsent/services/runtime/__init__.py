"""What every service that runs for long has around it: rounds, an end when somebody wants one, health and metrics.

Start with `medconsent.services.runtime.loop.Runtime`.
"""
