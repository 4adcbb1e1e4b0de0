"""The load client of our own SDK and of moe-fabric-gateway, ``python -m bench.python_load``: flags and report as those
of ``gateway-go load``.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click

from medconsent.fabric.aio import AsyncGateway
from medconsent.fabric.errors import CommitError, FabricError, GatewayError
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.identity import Identity, PrivateKeySigner


@dataclass(frozen=True)
class Plan:
    """So many measured calls by so many callers at once, after a warm-up; call i takes argument i, round and round."""

    operation: str
    function: str
    orgs: tuple[str, ...]
    calls: int
    callers: int
    warmup: int
    arguments: tuple[bytes, ...]

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """The organizations, under the name that the operation has for them."""
        return {"endorsing_organizations" if self.operation == "submit" else "target_organizations": self.orgs}


@dataclass
class Tally:
    """What came of the calls so far. Latencies in seconds, of successes only."""

    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def failed(self, error: FabricError) -> None:
        """Count by what was wrong, without what differs from call to call."""
        if isinstance(error, CommitError):
            self.errors[f"committed as {error.code}"] += 1
        elif isinstance(error, GatewayError) and error.details:
            self.errors[error.details[0].message] += 1
        else:
            self.errors[str(error)] += 1


def _thread_round(call: Callable[..., object], plan: Plan, calls: int) -> Tally:
    tally, numbers = Tally(), count()

    def work() -> None:
        # The next of an itertools.count and list.append are atomic in CPython: no lock is needed.
        for number in numbers:
            if number >= calls:
                return
            begin = time.perf_counter()
            try:
                call(plan.function, plan.arguments[number % len(plan.arguments)], **plan.named)
            except FabricError as error:
                tally.failed(error)
            else:
                tally.latencies.append(time.perf_counter() - begin)

    with ThreadPoolExecutor(plan.callers) as pool:
        for done in [pool.submit(work) for _ in range(plan.callers)]:
            done.result()
    return tally


async def _asyncio_round(call: Callable[..., Awaitable[object]], plan: Plan, calls: int) -> Tally:
    tally, numbers = Tally(), iter(range(calls))

    async def work(own: Iterator[int]) -> None:
        for number in own:
            begin = time.perf_counter()
            try:
                await call(plan.function, plan.arguments[number % len(plan.arguments)], **plan.named)
            except FabricError as error:
                tally.failed(error)
            else:
                tally.latencies.append(time.perf_counter() - begin)

    await asyncio.gather(*(work(numbers) for _ in range(plan.callers)))
    return tally


def _processor_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_memory() -> float:
    """The most that the process had, in MiB. Not `ru_maxrss`, which begins with what the parent had when it forked."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


@dataclass
class _Watch:
    """Time and processor time from its making on."""

    cpu: float = field(default_factory=_processor_time)
    start: float = field(default_factory=time.perf_counter)

    def report(self, tally: Tally) -> dict[str, object]:
        seconds, cpu = time.perf_counter() - self.start, _processor_time() - self.cpu
        ordered = sorted(tally.latencies)
        at = [ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000 if ordered else 0.0 for p in (50, 99)]
        return {
            "successes": len(ordered),
            "failures": tally.errors.total(),
            "seconds": seconds,
            "cpu_seconds": cpu,
            "p50_ms": at[0],
            "p99_ms": at[1],
            "errors": dict(tally.errors),
            "memory_mb": _peak_memory(),
        }


@click.command()
@click.option("--style", type=click.Choice(["asyncio", "threads", "moe"]), default="asyncio")
@click.option("--endpoint", required=True)
@click.option("--server-name", default="")
@click.option("--tls-root", type=click.Path(path_type=Path), required=True)
@click.option("--msp", required=True)
@click.option("--cert", type=click.Path(path_type=Path), required=True)
@click.option("--key", type=click.Path(path_type=Path), required=True)
@click.option("--channel", default="medconsent")
@click.option("--chaincode", default="medconsent")
@click.option("--operation", type=click.Choice(["submit", "evaluate"]), default="evaluate")
@click.option("--function", required=True)
@click.option("--orgs", default="")
@click.option("--calls", type=click.IntRange(1), default=100)
@click.option("--callers", type=click.IntRange(1), default=10)
@click.option("--warmup", type=click.IntRange(0), default=0)
def main(
    *,
    style: str,
    endpoint: str,
    server_name: str,
    tls_root: Path,
    msp: str,
    cert: Path,
    key: Path,
    channel: str,
    chaincode: str,
    operation: str,
    function: str,
    orgs: str,
    calls: int,
    callers: int,
    warmup: int,
) -> None:
    """Make calls and print one JSON report; the arguments (one JSON object a line) are read from stdin."""
    arguments = tuple(line.encode() for line in sys.stdin.read().splitlines() if line) or (b"{}",)
    plan = Plan(operation, function, tuple(filter(None, orgs.split(","))), calls, callers, warmup, arguments)
    identity, signer = Identity(msp, cert.read_bytes()), PrivateKeySigner.from_pem(key.read_bytes())
    roots, name = tls_root.read_bytes(), server_name or None

    def blocking() -> dict[str, object]:
        with Gateway(endpoint, identity, signer, tls_root=roots, server_name=name) as gateway:
            call = getattr(gateway.channel(channel).contract(chaincode), operation)
            _thread_round(call, plan, plan.warmup)
            watch = _Watch()
            return watch.report(_thread_round(call, plan, plan.calls))

    async def asynchronous() -> dict[str, object]:
        async with AsyncGateway(endpoint, identity, signer, tls_root=roots, server_name=name) as gateway:
            call = getattr(gateway.channel(channel).contract(chaincode), operation)
            await _asyncio_round(call, plan, plan.warmup)
            watch = _Watch()
            return watch.report(await _asyncio_round(call, plan, plan.calls))

    async def others() -> dict[str, object]:
        from moe_fabric_gateway import (  # type: ignore[import-not-found]  # noqa: PLC0415 - nobody else needs it
            EcdsaSigner,
            FabricSDKError,
            GatewayClient,
            TLSConfig,
            X509Identity,
        )
        from moe_fabric_gateway import Gateway as MoeGateway  # noqa: PLC0415

        client = GatewayClient(endpoint, TLSConfig(ca_cert=roots), override_authority=name)
        caller = X509Identity(msp, cert.read_bytes())
        async with MoeGateway(client, caller, EcdsaSigner(signer.private_key)) as gateway:
            contract = gateway.get_network(channel).get_contract(chaincode)
            asked = getattr(contract, f"{operation}_transaction")

            async def call(function: str, argument: bytes, **_named: object) -> None:
                try:
                    await asked(function, argument.decode(), endorsing_organizations=list(plan.orgs))
                except FabricSDKError as error:
                    raise FabricError(str(error)) from error

            await _asyncio_round(call, plan, plan.warmup)
            watch = _Watch()
            return watch.report(await _asyncio_round(call, plan, plan.calls))

    report = blocking() if style == "threads" else asyncio.run(others() if style == "moe" else asynchronous())
    click.echo(json.dumps(report))


if __name__ == "__main__":
    main()
