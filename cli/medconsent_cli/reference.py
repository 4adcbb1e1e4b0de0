"""Writes docs/cli.md out of the commands' own help, so that the two cannot differ.

python -m medconsent_cli.reference > docs/cli.md
"""

from collections.abc import Iterator

import click

from medconsent._internal import streams
from medconsent_cli.app.exit_codes import MEANINGS
from medconsent_cli.main import program

_INTRODUCTION = """\
# The command line

This page is made from the program's own help by `python -m medconsent_cli.reference > docs/cli.md`; a test compares
them.

`medconsent` acts as one *context*: one identity at one institution, made by `medconsent identity enroll` (a new
key, a certificate from the institution's CA) or by `medconsent context add` (an identity that is on disk already).
Contexts live under `$MEDCONSENT_HOME`, else `$XDG_CONFIG_HOME/medconsent`, else `~/.config/medconsent`; private keys
there have mode 0600. `$MEDCONSENT_CONTEXT` names the current context for one process.

## What holds for every command

- `--json`, `--context NAME`, `--wait-block N` and `--timeout SECONDS` may stand anywhere: before the noun, before the
  verb or after it.
- `--json` gives the id of a record as the member `id` at the top of an answer, and of each item of a list.
- Tables show ids cut to twelve characters. Every command that takes the id of a request, grant, break-glass,
  delegation or invitation takes a unique prefix of six or more characters.
- Tables show one's own institution's people by name where `medconsent identity names` has one; `--json` never does.
- `DATASET[@VERSION]` is `hanbit/breast-cancer` for the latest version and `hanbit/breast-cancer@2` for that one.
- Durations are written `90d`, `12h`, `30m`, `20s` or `1d 12h`; times `2026-11-24T10:50:10Z` or with an offset, as in
  `2026-11-24T19:50+09:00`. A day alone, as `2026-11-24`, is its beginning in UTC; that is said on stderr.
- Capital letters in commands, choices and names of what is there already are read as small ones.
- `medconsent completion` makes a shell complete commands and choices, and from the ledger datasets, committees, people
  and the ids of requests and grants. Without an answer within a second it completes nothing.
- A command that takes away what you could not give back alone shows it first, with counts, and asks. `--yes`
  answers that, and nothing is shown before. Afterwards each says what went with it, as counted before the act. Where
  there is no terminal `--yes` is needed: without it the command is refused, after it has told on stderr what would end.
- Secrets are prompted for, or read from `--secret-file FILE` (`-`: stdin). They are never an argument.
- What takes longer than two seconds says on stderr what it waits for (not with `--json`). Colours: only on a terminal,
  and not when `NO_COLOR` is set.
- Tables are cut to the width of the terminal; in a file or a pipe they are whole. Of an empty list there is a word on
  stderr.
- What becomes of the output changes nothing: when nobody reads it (`| head`), the stream is closed or the disk is full,
  the program goes on and ends with the code of what it did. A letter that the code page lacks is `?`, in JSON `\\u...`.
- A peer and a CA are reached through the proxy that `https_proxy` (or `all_proxy`) names, as `http://proxy:3128`,
  except those that `no_proxy` lists (hosts, domains, addresses, networks). `http_proxy` and `grpc_proxy` are not read.
- Reads and decisions ask the peer of one's own institution, no other. After somebody else's change, `--wait-block N`
  (the block that their command printed) makes sure that this peer has it.
- `--timeout SECONDS` bounds the wait for each single answer (a query, the endorsements, the acceptance for ordering,
  the commit). A change that runs into it after it was sent ends with exit code 7.

## Exit codes

| code | meaning |
|---|---|
"""

_ERRORS = """
## Errors

One line `error CODE: sentence` on stderr, then where in the argument, every reason, the next step, each institution's
word where their peers do not agree, and the transaction's id:

    error CONFLICT: the request's digest is not the one you name
      where: request_digest
      hint: read the request again
      transaction: 5f0c...

With `--json` stdout stays empty (but after `TEXT_NOT_KEPT`) and stderr has one object:

    {"error": {"code": "CONFLICT", "message": "...", "field": "request_digest", "hint": "...", "details": [],
               "endorsers": [{"institution": "hanbit", "address": "...", "code": "CONFLICT", "message": "..."}],
               "transaction_id": "5f0c...", "exit_code": 5}}

Members that are empty are left out. `field` is a member of the contract's argument, and `option` the option it was
given by. `code` is one of the contract's (see
[contract.md](contract.md#codes-of-refusal)), a validation code of Fabric's (`MVCC_READ_CONFLICT`,
`ENDORSEMENT_POLICY_FAILURE` ...), `CA_<number>` of Fabric CA's, or one of the program's own:

| code | meaning |
|---|---|
| `USAGE` | an argument, an option or a file is wrong; nothing was sent |
| `DOCUMENT` | a manifest, policy, draft or other file of one's own cannot be used; file and line are named |
| `FILE` | a file of the program's own cannot be read or written; nothing was sent |
| `CONTEXT`, `IDENTITY` | there is no usable identity to act with |
| `ALREADY_ENROLLED` | there is no new secret for somebody with a good certificate: they renew it with its key |
| `IDENTITY_REVOKED` | there are no roles and no secret for somebody who was revoked |
| `STOPPED` | the user stopped it before anything was sent |
| `UNREACHABLE`, `CA_UNREACHABLE` | a peer, orderer, CA, or channel of `remind` does not answer; nothing was committed |
| `OUTCOME_UNKNOWN` | sent, not known whether committed; never proposed anew: ask `medconsent transaction status TXID` |
| `TEXT_NOT_KEPT` | the change is committed and shown on stdout, but a private text of it was not kept; exit code 7 |
| `WAITS_FOR_SECOND` | nothing has changed yet: it is a proposal, until another officer of the institution confirms it |
| `ARCHIVE_DIFFERS` | files are not those on the ledger, or not those that were asked for |
| `CIPHERTEXT_DAMAGED` | a segment or a header was changed, cut, swapped, or is of another file |
| `DISK_FULL` | there is no room left; what is there stays, and the next run goes on with it |
| `HEADER_REFUSED` | the keyholder gives no header; `details` has all its reasons |
| `NOT_SIGNED` | a request to a release's server is not signed by who it says, or is another than was signed |
| `RELEASE_CUT` | the owner's institution ended a transfer: the grant permits it no longer |
| `RELEASE` | bytes of a dataset cannot be kept, given or taken, for another reason that the sentence says |
| `UNEXPECTED_ANSWER` | the peer's answer is not what the contract's reference says: different versions |
| `FAULT` | a fault of the program itself |

With `--json` a result is one object (or one a line for `events` and `watch ledger`) on stdout, spelled as in
[contract.md](contract.md). A change gives the contract's answer with the members `transaction_id` and `block` besides,
a list `{"items": [...], "more": true|false}`, and `forged` where forged records were found.

## Commands
"""


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below `command`, itself first, with its full name."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from commands(found, f"{path} {name}")


def help_of(command: click.Command, path: str) -> str:
    """The help text, as wide as a page of documentation and whatever the terminal."""
    # As a run has it: with the command's own settings, which name the help option.
    settings = {**command.context_settings, "terminal_width": 100, "max_content_width": 100, "color": False}
    context = command.context_class(command, info_name=path, **settings)
    return command.get_help(context)


def page() -> str:
    """The whole of docs/cli.md."""
    parts = [_INTRODUCTION + "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in MEANINGS.items()) + _ERRORS]
    for path, command in commands(program, "medconsent"):
        body = "\n".join(f"    {line}".rstrip() for line in help_of(command, path).splitlines())
        parts.append(f"### `{path}`\n\n{body}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    streams.prepare()
    click.echo(page(), nl=False)
