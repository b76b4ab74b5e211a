"""Names, wares and towns that the books are written with: many scripts, quotes, marks and lengths."""

from typing import Final

ADJECTIVES: Final = (
    "Amber", "Ashdown", "Birch", "Blue Door", "Copper", "Cornerstone", "Dovecote", "Eastgate", "Fenland",
    "Granite", "Harbour", "Ironbridge", "Juniper", "Kestrel", "Lantern", "Meadow", "Northwind", "Old Mill",
    "Pennine", "Quarry", "Redwood", "Saltmarsh", "Tideway", "Upland", "Vale", "Willow", "Yarrow",
)  # fmt: skip
TRADES: Final = (
    "Architects", "Bakery", "Bicycles", "Brewing Co", "Builders & Sons", "Carpets", "Catering",
    "Cleaning Ltd",
    "Coffee", "Couriers", "Dental Care", "Design Studio", "Electrical", "Engineering plc", "Farms",
    "Flooring",
    "Furniture", "Garage", "Interiors", "IT Services", "Joinery", "Kitchens", "Landscapes", "Legal LLP",
    "Logistics", "Nurseries", "Opticians", "Plumbing", "Print & Copy", "Roofing", "Signs", "Textiles",
    "Tiles",
)  # fmt: skip
FAR_NAMES: Final = (
    "株式会社さくら商事", "Łódź Tkaniny Sp. z o.o.", "شركة النور للتجارة", "Ελληνικά Ελαιόλαδα Α.Ε.",
    "ООО «Ромашка»", "한빛상사 주식회사", "Müller & Söhne GmbH", "Société Générale d'Étanchéité",
    "O'Brien \"Bespoke\" Joinery", "Café ☕ Zoë", "מאפיית השכונה בע״מ", "Åkesson Bygg AB",
    "Ñandú Textiles S.A.",
    "北京长城贸易有限公司", "บริษัท สยามการค้า จำกัด", "Công ty TNHH Sao Mai", "Şeker Gıda A.Ş.",
    "Žluťoučký kůň s.r.o.", "राम एंड सन्स", "Æblehaven ApS", "Ísbúðin ehf.", "Gråbrødre <Kaffe> & Te",
    "தமிழ் நூலகம்", "ՀԱՅ ԳԻՆԻ ՍՊԸ", "საქართველოს ჩაი", "Ristorante “Da Nonna”", "Smith\u2013Jones & Co.",
    "Ẽlan Vital", "Zoe\u0301 Decomposed", "Ze\u0301bra \u0915\u094d\u0937 \u0e19\u0e49\u0e33",
    "👩🏽\u200d🌾 Farm Shop 🥕", "\u202bמסעדת הים\u202c (Jaffa)", "'Quoted' `Ticks` \\ Slashes / Co",
    "The " + "Very, " * 36 + "Long Name Company Ltd", "Tiny", "9 Lives Pet Supplies", "#1 Fasteners",
    "A Very Long Established Firm Of Purveyors Of Fine Provisions To The Gentry (Est. 1782) Limited",
)  # fmt: skip
UK_COMPANIES: Final = (
    "Harbour & Vale Trading Ltd", "Kestrel Coffee Roasters Ltd", "Pennine Joinery Ltd",
    "Zoë's Garden Café Ltd",
    "Ironbridge Engineering plc", "Saltmarsh Textiles Ltd", "Łuczak & Daughters Ltd",
    "Northwind Bicycles Ltd",
    "Blue Door Design Studio LLP", "Old Mill Brewing Co Ltd", "Sakura 桜 Imports Ltd", "Tideway Couriers Ltd",
)  # fmt: skip
US_COMPANIES: Final = (
    "Cascade & Main Hardware LLC", "Sunset Roasters Inc.", "Prairie Joinery LLC",
    "Señora Ruiz's Kitchen Inc.",
    "Ironwood Engineering Corp.", "Gulf Coast Textiles LLC",
)  # fmt: skip
PEOPLE: Final = (
    ("Ada", "Okafor"), ("Béatrice", "Lefèvre"), ("Chidi", "Nwosu"), ("Dilys", "Price-Jones"),
    ("Eoin", "Ó Briain"),
    ("Fatima", "الزهراء"), ("Giorgos", "Παπαδόπουλος"), ("Hana", "Dvořáková"), ("Ivan", "Петров"),
    ("Jun", "田中"),
    ("Kirsty", "MacLeod"), ("Lars", "Ångström"), ("Mei", "王"), ("Niamh", "Kelly"), ("Olu", "Adeyemi"),
    ("Priya", "शर्मा"), ("Quentin", "D'Arcy"), ("Rhys", "Evans"), ("Sólveig", "Jónsdóttir"),
    ("Thu", "Nguyễn"),
)  # fmt: skip
STREETS: Final = ("High Street", "Station Road", "Mill Lane", "Church Walk", "Wharf Street", "Queen's Parade")
#: code, name, sale price, purchase price (or nothing: a service)
WARES: Final = (
    ("BK-001", "Oak bookcase", "349.00", "182.50"), ("CH-014", "Dining chair", "89.95", "41.20"),
    ("TB-220", "Trestle table", "215.00", "97.75"), ("LM-033", "Desk lamp “Anglepoise”", "64.50", "28.10"),
    ("SCR-M6", "M6 screws (each)", "0.0825", "0.0314"), ("PNT-5L", "Emulsion, 5 l", "38.99", "19.4050"),
    ("CFE-1K", "Coffee beans, 1 kg", "21.50", "11.25"), ("TEA-250", "Assam tea, 250 g", "6.75", "2.9000"),
    ("FLR-M2", "Oak flooring, per m²", "54.20", "31.6667"),
    ("TIL-M2", "Slate tiles, per m²", "47.80", "26.1500"),
    ("CNS-D", "Consultancy day", "650.00", ""), ("CNS-H", "Consultancy hour", "92.50", ""),
    ("SUP-M", "Support, monthly", "120.00", ""), ("DEL-STD", "Standard delivery", "7.95", "4.1000"),
    ("INS-1", "Installation", "180.00", ""), ("CBL-10", "Cable, 10 m", "14.99", "6.8800"),
    ("SWT-48", "48-port switch", "1249.00", "893.4500"), ("LIC-Y", "Licence, yearly", "480.00", "300.00"),
    ("BOX-L", "Carton, large", "2.4500", "0.9150"), ("GFT-25", "Gift voucher", "25.00", ""),
)  # fmt: skip
PURCHASES: Final = (
    "Office rent", "Electricity", "Fibre broadband", "Stationery", "Courier", "Train fares", "Advertising",
    "Cloud hosting", "Raw timber", "Packaging", "Accountancy fees", "Repairs to van", "Training course",
)  # fmt: skip
NOTES: Final = (
    "",
    "",
    "as agreed",
    "per quote",
    "incl. fitting",
    "phase 2",
    "“rush”",
    "zweite Lieferung",
    "追加分",
)
DEPARTMENTS: Final = (
    "Sales",
    "Operations",
    "Marketing",
    "Forschung & Entwicklung",
    "Mail order (until 2024)",
)
LOCATIONS: Final = ("Head office", "Warehouse “North”", "Shop", "Old depot")
