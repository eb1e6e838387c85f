#include "seed/words.hpp"

// Our own lists. A change to one of them changes everybody's seeded data: only add what is needed,
// and say so in the changelog.

namespace armature::seed::detail {

namespace {

constexpr NameWord en_first[] = {
    "Ada",    "Alice",  "Amber",  "Arthur",  "Beatrice", "Ben",     "Blake",  "Carol",  "Clara",
    "Daniel", "Daphne", "David",  "Edith",   "Edward",   "Eleanor", "Ella",   "Emma",   "Ethan",
    "Felix",  "Flora",  "Frank",  "George",  "Grace",    "Hannah",  "Harold", "Hazel",  "Henry",
    "Iris",   "Isaac",  "Ivy",    "Jack",    "James",    "Jane",    "Joseph", "Julia",  "Kate",
    "Leo",    "Liam",   "Lily",   "Lucas",   "Mabel",    "Martha",  "Max",    "Megan",  "Miles",
    "Nathan", "Nora",   "Oliver", "Olive",   "Oscar",    "Owen",    "Paula",  "Peter",  "Quinn",
    "Robert", "Rose",   "Ruth",   "Samuel",  "Sarah",    "Simon",   "Sophie", "Stella", "Thomas",
    "Violet", "Walter", "Willa",  "William", "Zoe"};
constexpr NameWord en_last[] = {
    "Abbott",  "Adams",  "Baker",    "Barnes", "Bell",    "Bennett", "Brooks",   "Brown",  "Carter",
    "Chapman", "Clark",  "Cole",     "Cooper", "Davies",  "Dixon",   "Edwards",  "Ellis",  "Evans",
    "Fisher",  "Foster", "Fox",      "Gibson", "Graham",  "Green",   "Griffin",  "Hall",   "Harris",
    "Hayes",   "Hill",   "Howard",   "Hughes", "Hunt",    "Jackson", "Johnson",  "Kelly",  "King",
    "Knight",  "Lawson", "Lewis",    "Marsh",  "Mason",   "Miller",  "Mitchell", "Moore",  "Morgan",
    "Murray",  "Nelson", "O'Connor", "Palmer", "Parker",  "Pearson", "Perry",    "Porter", "Reed",
    "Reid",    "Rogers", "Russell",  "Shaw",   "Spencer", "Stone",   "Taylor",   "Turner", "Walker",
    "Ward",    "Watson", "Webb",     "Wells",  "Wright"};
constexpr std::string_view en_streets[] = {
    "Maple Street", "Oak Avenue",  "Church Road",   "Mill Lane",     "Station Road",
    "Park Avenue",  "High Street", "Elm Drive",     "Willow Way",    "Cedar Court",
    "Harbor Road",  "Meadow Lane", "Bridge Street", "Chestnut Hill", "Orchard Lane",
    "River Road",   "School Lane", "Spring Street"};
constexpr std::string_view en_cities[] = {
    "Springvale", "Fairhaven",  "Riverton",  "Oakridge",  "Lakewood",  "Milford",
    "Ashford",    "Brookfield", "Greenport", "Hillcrest", "Kingsbury", "Newbridge",
    "Northfield", "Stonebrook", "Westbury",  "Woodville", "Maplewood", "Eastport"};
constexpr std::string_view en_companies[] = {"{} Ltd",   "{} Inc.",    "{} & Sons",
                                             "{} Group", "{} Systems", "{} Partners"};
constexpr std::string_view en_jobs[] = {
    "Accountant", "Architect", "Baker",        "Carpenter", "Chemist",    "Designer",
    "Developer",  "Editor",    "Electrician",  "Engineer",  "Gardener",   "Librarian",
    "Manager",    "Nurse",     "Photographer", "Teacher",   "Technician", "Translator"};
constexpr std::string_view latin_words[] = {
    "lorem",      "ipsum",        "dolor",      "sit",      "amet",      "consectetur",
    "adipiscing", "elit",         "sed",        "eiusmod",  "tempor",    "incididunt",
    "labore",     "dolore",       "magna",      "aliqua",   "enim",      "minim",
    "veniam",     "quis",         "nostrud",    "ullamco",  "laboris",   "nisi",
    "aliquip",    "commodo",      "consequat",  "duis",     "aute",      "irure",
    "voluptate",  "velit",        "esse",       "cillum",   "fugiat",    "nulla",
    "pariatur",   "excepteur",    "sint",       "occaecat", "cupidatat", "proident",
    "sunt",       "culpa",        "officia",    "deserunt", "mollit",    "anim",
    "laborum",    "perspiciatis", "unde",       "omnis",    "iste",      "natus",
    "error",      "accusantium",  "totam",      "aperiam",  "eaque",     "ipsa",
    "inventore",  "veritatis",    "architecto", "beatae",   "vitae",     "dicta",
    "explicabo",  "nemo",         "ipsam",      "quia"};
constexpr std::string_view en_colours[] = {"red",    "green", "blue",  "yellow", "orange", "purple",
                                           "brown",  "black", "white", "grey",   "pink",   "teal",
                                           "maroon", "navy",  "olive", "silver"};
constexpr std::string_view en_phones[] = {"+1 202-555-01##", "+1 212-555-01##", "+1 312-555-01##",
                                          "+1 415-555-01##", "+1 503-555-01##", "+1 617-555-01##"};

constexpr NameWord de_first[] = {
    "Anna",      "Anton",  "Bärbel", "Benjamin", "Björn",   "Charlotte", "Clara",  "David",
    "Dorothea",  "Elias",  "Emil",   "Emma",     "Erik",    "Fabian",    "Felix",  "Finn",
    "Franziska", "Frieda", "Georg",  "Greta",    "Günther", "Hanna",     "Heike",  "Henrik",
    "Ida",       "Jakob",  "Jan",    "Johanna",  "Jonas",   "Jörg",      "Jürgen", "Karl",
    "Katharina", "Klara",  "Konrad", "Lea",      "Lena",    "Leon",      "Lina",   "Lotte",
    "Luisa",     "Lukas",  "Marie",  "Mathilda", "Max",     "Mia",       "Moritz", "Nele",
    "Noah",      "Oskar",  "Paul",   "Paula",    "Rosa",    "Sören",     "Sophie", "Theo",
    "Ursula",    "Walter"};
constexpr NameWord de_last[] = {
    "Albrecht", "Arnold",    "Bauer",   "Becker",   "Berger",   "Böhm",      "Brandt",   "Busch",
    "Dietrich", "Engel",     "Fischer", "Frank",    "Franke",   "Friedrich", "Fuchs",    "Graf",
    "Groß",     "Günther",   "Haas",    "Hahn",     "Hartmann", "Heinrich",  "Hoffmann", "Huber",
    "Jäger",    "Jung",      "Kaiser",  "Keller",   "Klein",    "Koch",      "König",    "Köhler",
    "Kraus",    "Krämer",    "Krüger",  "Kuhn",     "Lang",     "Lehmann",   "Lorenz",   "Ludwig",
    "Maier",    "Möller",    "Müller",  "Neumann",  "Otto",     "Peters",    "Pohl",     "Richter",
    "Roth",     "Schäfer",   "Schmidt", "Schröder", "Schulz",   "Schwarz",   "Seidel",   "Sommer",
    "Stein",    "Vogel",     "Voß",     "Wagner",   "Weber",    "Weiß",      "Winkler",  "Wolf",
    "Ziegler",  "Zimmermann"};
constexpr std::string_view de_streets[] = {
    "Lindenstraße", "Hauptstraße", "Bahnhofstraße", "Gartenweg",  "Schulstraße", "Bergstraße",
    "Am Mühlbach",  "Kirchgasse",  "Rosenweg",      "Waldstraße", "Ringstraße",  "Amselweg",
    "Dorfstraße",   "Marktplatz",  "Birkenallee",   "Uferweg"};
constexpr std::string_view de_cities[] = {"Neustadt",  "Altenburg",  "Bergheim",   "Waldkirch",
                                          "Steinbach", "Grünau",     "Lindenfels", "Rosenheim",
                                          "Seefeld",   "Hohenstein", "Mühldorf",   "Falkenberg",
                                          "Wiesental", "Birkenau",   "Schönau",    "Ahrenshoop"};
constexpr std::string_view de_companies[] = {"{} GmbH", "{} AG", "{} & Söhne", "{} GmbH & Co. KG",
                                             "{} Technik GmbH"};
constexpr std::string_view de_jobs[] = {
    "Architektin", "Bäcker",     "Buchhalterin",   "Elektriker", "Entwicklerin", "Erzieher",
    "Gärtnerin",   "Ingenieur",  "Krankenpfleger", "Lehrerin",   "Maler",        "Optikerin",
    "Redakteur",   "Tischlerin", "Übersetzer",     "Verkäuferin"};
constexpr std::string_view de_colours[] = {"rot",   "grün",    "blau", "gelb", "orange", "lila",
                                           "braun", "schwarz", "weiß", "grau", "rosa",   "türkis"};
// The ranges that the Bundesnetzagentur keeps for films and books.
constexpr std::string_view de_phones[] = {"+49 30 23125###", "+49 69 90009###", "+49 40 66969###",
                                          "+49 221 4710###", "+49 89 99998###"};

constexpr NameWord fr_first[] = {
    "Adèle",   "Agathe",  "Alice",  "Amélie",   "Antoine",   "Arthur",   "Aurélie",  "Baptiste",
    "Camille", "Céline",  "Chloé",  "Claire",   "Clément",   "Denis",    "Élise",    "Émile",
    "Emma",    "Étienne", "Eva",    "Félix",    "François",  "Gabriel",  "Gaspard",  "Hélène",
    "Hugo",    "Inès",    "Jade",   "Jean",     "Joséphine", "Jules",    "Juliette", "Léa",
    "Léo",     "Léon",    "Lina",   "Louis",    "Louise",    "Lucas",    "Lucie",    "Maël",
    "Manon",   "Margaux", "Marius", "Mathilde", "Noé",       "Océane",   "Paul",     "Raphaël",
    "Rémi",    "Romane",  "Sacha",  "Simon",    "Théo",      "Valentin", "Victor",   "Zoé"};
constexpr NameWord fr_last[] = {
    "André",    "Aubert",   "Barbier",   "Benoît",  "Bernard", "Blanchard", "Bonnet",   "Boucher",
    "Brun",     "Caron",    "Chevalier", "Clément", "Colin",   "David",     "Denis",    "Dubois",
    "Dufour",   "Dumas",    "Dupont",    "Durand",  "Fabre",   "Faure",     "Fontaine", "Fournier",
    "Gauthier", "Gérard",   "Girard",    "Guérin",  "Henry",   "Hubert",    "Joly",     "Lacroix",
    "Lambert",  "Laurent",  "Lefèvre",   "Legrand", "Lemaire", "Leroy",     "Marchand", "Martin",
    "Masson",   "Mathieu",  "Mercier",   "Meunier", "Meyer",   "Michel",    "Moreau",   "Morel",
    "Nicolas",  "Noël",     "Perrin",    "Petit",   "Picard",  "Renard",    "Richard",  "Rivière",
    "Robin",    "Rousseau", "Roux",      "Simon",   "Thomas",  "Vidal",     "Vincent"};
constexpr std::string_view fr_streets[] = {
    "rue des Lilas",     "rue de l'Église", "avenue de la Gare",  "rue du Moulin",
    "place du Marché",   "rue des Écoles",  "chemin des Vignes",  "rue Neuve",
    "boulevard du Nord", "rue du Puits",    "allée des Tilleuls", "rue des Jardins",
    "quai du Port",      "rue du Château"};
constexpr std::string_view fr_cities[] = {
    "Beaumont",  "Villeneuve",     "Montclair", "Saint-Aubin", "Fontenay",
    "Rochefort", "Châteauneuf",    "Valmont",   "Belleville",  "Clairval",
    "Pontigny",  "Sainte-Colombe", "Grandpré",  "Hautefort"};
constexpr std::string_view fr_companies[] = {"{} SA", "{} SARL", "{} et Fils", "Groupe {}",
                                             "Établissements {}"};
constexpr std::string_view fr_jobs[] = {
    "Architecte",  "Boulanger",   "Bibliothécaire", "Comptable",  "Développeuse",
    "Électricien", "Enseignante", "Infirmier",      "Ingénieure", "Jardinier",
    "Journaliste", "Menuisière",  "Photographe",    "Traducteur"};
constexpr std::string_view fr_colours[] = {"rouge",  "vert",   "bleu",   "jaune",
                                           "orange", "violet", "marron", "noir",
                                           "blanc",  "gris",   "rose",   "bordeaux"};
// The ranges that the ARCEP keeps for works of fiction.
constexpr std::string_view fr_phones[] = {"+33 1 99 00 ## ##", "+33 2 61 91 ## ##",
                                          "+33 3 53 01 ## ##", "+33 4 65 71 ## ##",
                                          "+33 5 36 49 ## ##", "+33 6 39 98 ## ##"};

constexpr NameWord es_first[] = {
    "Adrián", "Alba",     "Alejandra", "Álvaro",  "Ana",   "Andrés",  "Beatriz", "Begoña",
    "Carlos", "Carmen",   "Clara",     "Daniel",  "Diego", "Elena",   "Emilio",  "Esteban",
    "Eva",    "Fernando", "Gabriela",  "Gonzalo", "Hugo",  "Ignacio", "Inés",    "Irene",
    "Iván",   "Javier",   "Jorge",     "José",    "Juan",  "Julia",   "Laura",   "Lucía",
    "Luis",   "Manuel",   "Marcos",    "María",   "Mario", "Martín",  "Miguel",  "Nuria",
    "Óscar",  "Pablo",    "Paula",     "Pedro",   "Pilar", "Raúl",    "Rocío",   "Rodrigo",
    "Rubén",  "Sara",     "Sergio",    "Silvia",  "Sofía", "Teresa",  "Tomás",   "Valeria"};
constexpr NameWord es_last[] = {
    "Álvarez",  "Blanco",    "Bravo",     "Cabrera",   "Campos",  "Cano",      "Castillo",
    "Castro",   "Cortés",    "Cruz",      "Delgado",   "Díaz",    "Domínguez", "Fernández",
    "Flores",   "Fuentes",   "Gallego",   "García",    "Garrido", "Gil",       "Gómez",
    "González", "Guerrero",  "Gutiérrez", "Hernández", "Herrera", "Ibáñez",    "Iglesias",
    "Jiménez",  "León",      "López",     "Lozano",    "Márquez", "Marín",     "Martínez",
    "Medina",   "Méndez",    "Molina",    "Moreno",    "Muñoz",   "Navarro",   "Núñez",
    "Ortega",   "Ortiz",     "Peña",      "Pérez",     "Prieto",  "Ramírez",   "Ramos",
    "Reyes",    "Rodríguez", "Romero",    "Rubio",     "Ruiz",    "Sánchez",   "Santos",
    "Serrano",  "Soto",      "Suárez",    "Torres",    "Vega",    "Vidal"};
constexpr std::string_view es_streets[] = {
    "Calle Mayor",        "Calle Real",        "Avenida del Sol",  "Calle del Carmen",
    "Plaza de la Fuente", "Calle San Juan",    "Paseo del Río",    "Calle Nueva",
    "Calle de la Luna",   "Avenida de la Paz", "Calle del Molino", "Calle Ancha",
    "Travesía del Puente"};
constexpr std::string_view es_cities[] = {
    "Villanueva", "Fuentealta",  "Puentenuevo", "Montealegre", "Valdeflores", "San Martín",
    "Riofrío",    "Castroviejo", "Peñarroya",   "Torreblanca", "Aldeanueva",  "Campolargo"};
constexpr std::string_view es_companies[] = {"{} S.L.", "{} S.A.", "{} e Hijos", "Grupo {}",
                                             "Talleres {}"};
constexpr std::string_view es_jobs[] = {"Abogada",    "Arquitecto", "Bibliotecaria", "Carpintero",
                                        "Contable",   "Diseñadora", "Electricista",  "Enfermero",
                                        "Ingeniera",  "Jardinero",  "Maestra",       "Panadero",
                                        "Periodista", "Traductora"};
constexpr std::string_view es_colours[] = {"rojo",    "verde",  "azul",   "amarillo",
                                           "naranja", "morado", "marrón", "negro",
                                           "blanco",  "gris",   "rosa",   "turquesa"};
constexpr std::string_view es_phones[] = {"+34 555 ### ###"}; // no number begins with 5

constexpr NameWord ja_first[] = {
    {"陽葵", "himari"},  {"凛", "rin"},      {"結菜", "yuina"},    {"葵", "aoi"},
    {"芽依", "mei"},     {"美咲", "misaki"}, {"さくら", "sakura"}, {"花", "hana"},
    {"莉子", "riko"},    {"杏", "an"},       {"真央", "mao"},      {"愛", "ai"},
    {"直美", "naomi"},   {"恵", "megumi"},   {"由美", "yumi"},     {"香織", "kaori"},
    {"千尋", "chihiro"}, {"綾", "aya"},      {"蓮", "ren"},        {"大翔", "hiroto"},
    {"湊", "minato"},    {"悠真", "yuma"},   {"陽翔", "haruto"},   {"樹", "itsuki"},
    {"颯太", "sota"},    {"健太", "kenta"},  {"翔太", "shota"},    {"大輔", "daisuke"},
    {"拓也", "takuya"},  {"誠", "makoto"},   {"隆", "takashi"},    {"浩", "hiroshi"},
    {"直樹", "naoki"},   {"亮", "ryo"},      {"和也", "kazuya"},   {"一郎", "ichiro"}};
constexpr NameWord ja_last[] = {
    {"佐藤", "sato"},       {"鈴木", "suzuki"},    {"高橋", "takahashi"}, {"田中", "tanaka"},
    {"伊藤", "ito"},        {"渡辺", "watanabe"},  {"山本", "yamamoto"},  {"中村", "nakamura"},
    {"小林", "kobayashi"},  {"加藤", "kato"},      {"吉田", "yoshida"},   {"山田", "yamada"},
    {"佐々木", "sasaki"},   {"山口", "yamaguchi"}, {"松本", "matsumoto"}, {"井上", "inoue"},
    {"木村", "kimura"},     {"林", "hayashi"},     {"斎藤", "saito"},     {"清水", "shimizu"},
    {"山崎", "yamazaki"},   {"森", "mori"},        {"池田", "ikeda"},     {"橋本", "hashimoto"},
    {"阿部", "abe"},        {"石川", "ishikawa"},  {"山下", "yamashita"}, {"中島", "nakajima"},
    {"石井", "ishii"},      {"小川", "ogawa"},     {"前田", "maeda"},     {"岡田", "okada"},
    {"長谷川", "hasegawa"}, {"藤田", "fujita"},    {"後藤", "goto"},      {"近藤", "kondo"},
    {"村上", "murakami"},   {"遠藤", "endo"},      {"青木", "aoki"},      {"坂本", "sakamoto"}};
constexpr std::string_view ja_streets[] = {"本町", "中央", "栄町",   "緑町",   "桜町",
                                           "泉町", "旭町", "若葉町", "富士見", "大手町"};
constexpr std::string_view ja_cities[] = {"青葉市", "緑川市", "桜台市",   "海浜市", "高原市",
                                          "白川市", "松原市", "富士山市", "泉野市", "若葉市"};
constexpr std::string_view ja_companies[] = {"株式会社{}", "{}株式会社", "有限会社{}", "{}商店",
                                             "{}工業株式会社"};
constexpr std::string_view ja_jobs[] = {"会社員", "教師",   "看護師",     "技術者", "建築家",
                                        "編集者", "料理人", "デザイナー", "翻訳者", "公務員"};
constexpr std::string_view ja_words[] = {
    "山",   "川",     "海",     "空",   "花",     "風",   "雨",   "雪",   "月",
    "星",   "森",     "道",     "町",   "家",     "窓",   "光",   "影",   "音",
    "声",   "時間",   "季節",   "旅",   "本",     "手紙", "写真", "静か", "新しい",
    "古い", "小さな", "大きな", "遠い", "明るい", "青い", "白い", "朝",   "夜"};
constexpr std::string_view ja_colours[] = {"赤", "緑", "青", "黄", "橙", "紫",
                                           "茶", "黒", "白", "灰", "桃", "紺"};
constexpr std::string_view ja_phones[] = {"+81 3-0###-####",
                                          "+81 6-0###-####"}; // none begins with 0

constexpr std::string_view qualities[] = {"Sturdy",  "Light",    "Soft",    "Handmade",
                                          "Classic", "Modern",   "Compact", "Smooth",
                                          "Quiet",   "Foldable", "Rustic",  "Elegant"};
constexpr std::string_view materials[] = {"oak",     "steel",   "cotton", "glass",
                                          "ceramic", "leather", "linen",  "copper",
                                          "bamboo",  "paper",   "wool",   "granite"};
constexpr std::string_view things[] = {"lamp",  "chair", "table", "bowl",   "bottle",  "shelf",
                                       "clock", "bag",   "knife", "basket", "blanket", "frame",
                                       "mug",   "desk",  "hat",   "vase"};
constexpr std::string_view endings[] = {"pdf", "txt", "csv", "png", "jpg", "docx", "zip", "json"};
constexpr std::string_view media[] = {"application/pdf", "text/plain", "text/csv",
                                      "image/png",       "image/jpeg", "application/zip",
                                      "application/json"};
constexpr std::string_view cards[] = {"4242424242424242", "4000056655665556", "5555555555554444",
                                      "2223003122003222", "5200828282828210", "378282246310005",
                                      "6011111111111117", "3056930009020004", "3566002020360505",
                                      "6200000000000005"};

} // namespace

const Words english{en_first, en_last,     en_streets, en_cities,     en_companies,
                    en_jobs,  latin_words, en_colours, en_phones,     "United States",
                    "#####",  "USD",       "{n} {s}",  "{s}, {c} {p}"};
const Words german{de_first, de_last,     de_streets, de_cities,     de_companies,
                   de_jobs,  latin_words, de_colours, de_phones,     "Deutschland",
                   "#####",  "EUR",       "{s} {n}",  "{s}, {p} {c}"};
const Words french{fr_first, fr_last,     fr_streets, fr_cities,     fr_companies,
                   fr_jobs,  latin_words, fr_colours, fr_phones,     "France",
                   "#####",  "EUR",       "{n} {s}",  "{s}, {p} {c}"};
const Words spanish{es_first, es_last,     es_streets, es_cities,     es_companies,
                    es_jobs,  latin_words, es_colours, es_phones,     "España",
                    "#####",  "EUR",       "{s} {n}",  "{s}, {p} {c}"};
const Words japanese{ja_first, ja_last,        ja_streets, ja_cities, ja_companies, ja_jobs,
                     ja_words, ja_colours,     ja_phones,  "日本",    "###-####",   "JPY",
                     "{s}{n}", "〒{p} {c}{s}", "。",       "",        true};

const std::span<const std::string_view> product_qualities = qualities;
const std::span<const std::string_view> product_materials = materials;
const std::span<const std::string_view> product_things = things;
const std::span<const std::string_view> file_endings = endings;
const std::span<const std::string_view> media_types = media;
const std::span<const std::string_view> test_cards = cards;

} // namespace armature::seed::detail
