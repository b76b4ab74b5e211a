"""Currencies: which codes there are, and the smallest unit of each. Source: ISO 4217, list one."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

_CENT: Final = Decimal("0.01")
_CODES: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD
XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
"""
#: Codes that were taken back since 2000: books of those years still bear them.
_FORMER: Final = """
ANG BGN BYR CUC CYP EEK GHC HRK LTL LVL MRO MTL MZM ROL SDD SIT SKK SLL STD TMM TRL VEB VEF XFU ZMK ZWD ZWL
"""
_WHOLE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS: Final = "BHD IQD JOD KWD LYD OMR TND"

#: The unit in which a currency is counted; `XXX`, which says that there is none, is not among them.
UNITS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        **dict.fromkeys((_CODES + _FORMER).split(), _CENT),
        **dict.fromkeys(_WHOLE.split(), Decimal(1)),
        **dict.fromkeys(_THOUSANDTHS.split(), Decimal("0.001")),
    }
)
#: Where the provider does not tell the currency.
NO_CURRENCY: Final = "XXX"


def unit_of(currency: str | None) -> Decimal:
    """The smallest amount of a currency; a hundredth of one that is not known."""
    return UNITS.get(currency or "", _CENT)
