"""What the tables hold: each column with its type, its unit and its meaning. This is their only
description; the file columns.csv is written from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from peerpool.units import Asset

AMOUNT, NUMBER, TEXT, TIME, FLAG = "amount", "number", "text", "time", "flag"
WIDEST = 38  # digits of an exact decimal in DuckDB and Parquet


@dataclass(frozen=True)
class Column:
    """unit: of what kind of thing it is, where that is neither an amount nor a time."""

    name: str
    kind: str
    meaning: str
    unit: str = ""

    def sql(self, asset: Asset) -> str:
        """The type that DuckDB and Parquet have for it."""
        if self.kind == AMOUNT:
            return f"DECIMAL({WIDEST}, {scale(asset)})"
        return {NUMBER: "BIGINT", TEXT: "VARCHAR", TIME: "TIMESTAMPTZ", FLAG: "BOOLEAN"}[self.kind]

    def measured(self, asset: Asset) -> str:
        """What it is counted in."""
        if self.kind == AMOUNT:
            return asset.symbol if scale(asset) == asset.decimals else f"10^-{asset.decimals} units"
        return "UTC" if self.kind == TIME else self.unit


def scale(asset: Asset) -> int:
    """Decimals of an amount in a table; none, where the asset has more than a table takes."""
    return asset.decimals if asset.decimals <= WIDEST else 0


def _place() -> tuple[Column, ...]:
    return (
        Column("time", TIME, "of the block"),
        Column("block", NUMBER, "in which it happened"),
        Column("log", NUMBER, "index of the log in its block"),
        Column("tx", TEXT, "hash of the transaction"),
    )


TABLES: dict[str, tuple[Column, ...]] = {
    "pool": (
        Column("pool", TEXT, "address"),
        Column("chain_id", NUMBER, "EIP-155"),
        Column("block", NUMBER, "as of which all tables are"),
        Column("time", TIME, "of that block"),
        Column("name", TEXT, "of the terms"),
        Column("asset", TEXT, "address of the token; zero: Ether"),
        Column("symbol", TEXT, "of the asset, in which amounts are"),
        Column("decimals", NUMBER, "of the asset"),
        Column("phase", TEXT, "enrolling, cancelled, active, run-off or settled"),
        Column("members", NUMBER, "who are members"),
        Column("premiums", AMOUNT, "of the present members"),
        Column("funds", AMOUNT, "claims (once settled: refunds) are paid from it"),
        Column("held", AMOUNT, "bonds, credits, fees, commissions, awards set aside, layers"),
        Column("asked", AMOUNT, "by open claims, and awards that wait"),
        Column("unpaid", AMOUNT, "awards cut by a shortage and not made up"),
        Column("capacity", AMOUNT, "what layers can still pay"),
        Column("drawn", AMOUNT, "what layers have paid, less what was repaid"),
        Column("verdict", TEXT, "of the audit: proved, unproved or differs"),
        Column("line", TEXT, "the verdict in a line"),
    ),
    "checks": (
        Column("number", NUMBER, "in the order of the audit, from 1"),
        Column("check", TEXT, "name"),
        Column("result", TEXT, "proved, unproved or differs"),
        Column("detail", TEXT, "a row for each; a check without any has one row"),
    ),
    "members": (
        Column("id", NUMBER, "place in the roster"),
        Column("account", TEXT, "wallet now"),
        Column("payer", TEXT, "who paid the premium"),
        Column("tier", NUMBER, "of the terms, from 0"),
        Column("joined_at", TIME, ""),
        Column("left_at", TIME, "empty: did not leave"),
        Column("premium", AMOUNT, "paid"),
        Column("fee", AMOUNT, "of the premium, for the organiser"),
        Column("commission", AMOUNT, "of the premium, for the referrer"),
        Column("referrer", TEXT, "empty: nobody"),
        Column("awarded", AMOUNT, "in all"),
        Column("paid", AMOUNT, "of what was awarded, sent or credited"),
        Column("refunded", AMOUNT, "in all"),
        Column("bonds_kept", AMOUNT, "forfeited with rejected claims"),
        Column("net", AMOUNT, "paid and refunded, less premium and bonds kept"),
        Column("pledged", AMOUNT, "still to be paid to the payee first"),
        Column("pledge_payee", TEXT, "empty: nobody ever"),
    ),
    "claims": (
        Column("id", NUMBER, ""),
        Column("member", NUMBER, "id of the claimant in table members"),
        Column("claimant", TEXT, "wallet now"),
        Column("filer", TEXT, "claimant, payee of a pledge, or loan that called a guarantee"),
        Column("is_guarantee", FLAG, "called, not filed: awarded at once"),
        Column("filed_at", TIME, ""),
        Column("incident_at", TIME, "as the filer says"),
        Column("resolved_at", TIME, "empty: not yet"),
        Column("window", NUMBER, "claims of one window share a shortage"),
        Column("loss", AMOUNT, "as claimed"),
        Column("asked", AMOUNT, "what a full award pays: less deductible, within the limit"),
        Column("bond", AMOUNT, "back unless rejected"),
        Column("status", TEXT, "open, awarded, rejected, lapsed; or where the hearing is"),
        Column("ballots", NUMBER, "cast"),
        Column("tenths", NUMBER, "of the award, or of the vote if it is not the end", "tenths"),
        Column("award", AMOUNT, "decided"),
        Column("paid", AMOUNT, "of the award, sent or credited"),
        Column("to_payee", AMOUNT, "of what was paid, to the payee of a pledge"),
        Column("recovered", AMOUNT, "brought back for it"),
        Column("evidence_hash", TEXT, "keccak256 of the evidence"),
        Column("uri", TEXT, "of the evidence, as the filer gave it"),
    ),
    "ballots": (
        Column("claim", NUMBER, "id in table claims"),
        Column("voter", TEXT, "wallet at the time"),
        Column("tenths", NUMBER, "voted for", "tenths"),
        Column("reason", TEXT, "keccak256 of the reason; empty: none"),
        *_place(),
    ),
    "layers": (
        Column("number", NUMBER, "1 pays first"),
        Column("limit", AMOUNT, "most it takes and pays"),
        Column("premium", AMOUNT, "ceded if it is full"),
        Column("filled", AMOUNT, "collateral deposited"),
        Column("ceded", AMOUNT, "premium that it got; empty: not yet"),
        Column("paid", AMOUNT, "for the pool, in all"),
        Column("repaid", AMOUNT, "of that"),
        Column("redeemed", AMOUNT, "by its shares"),
        Column("assets", AMOUNT, "what lies in it"),
    ),
    "accounts": (
        Column("pot", TEXT, "in, out (the world outside), funds, held or credit"),
        Column("kind", TEXT, "what the money was or is for"),
        Column("who", TEXT, "an address, a claim's id or a layer's number"),
        Column("balance", AMOUNT, "of `in` it is less than zero: what entered"),
    ),
    "postings": (
        Column("number", NUMBER, "in order, from 1"),
        *_place(),
        Column("event", TEXT, "because of which money moved"),
        Column("from_pot", TEXT, "as pot in table accounts"),
        Column("from_kind", TEXT, ""),
        Column("from_who", TEXT, ""),
        Column("to_pot", TEXT, ""),
        Column("to_kind", TEXT, ""),
        Column("to_who", TEXT, ""),
        Column("amount", AMOUNT, ""),
    ),
    "events": (
        *_place(),
        Column("event", TEXT, "name"),
        Column("arguments", TEXT, "numbers as text, amounts in the asset's smallest unit", "JSON"),
    ),
}
