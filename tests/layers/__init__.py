"""Layers of reinsurance as vaults: what ERC-4626, ERC-7535 and ERC-20 ask, in every phase."""
