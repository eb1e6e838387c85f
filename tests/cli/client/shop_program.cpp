// What the C++ client of shop.yaml does, against shop.mjs.
#include "check.hpp"
#include "shop/api.hpp"

#include <armature/core/scheduler.hpp>

using armature::LocalLoop;
using armature::Task;

namespace {

Task<> follow_pages(shop::Api& api, std::string& ids) {
    shop::ListProductsArgs args;
    args.limit = 2;
    shop::Head head;
    std::vector<shop::Product> page = co_await api.list_products(std::move(args), &head);
    while (true) {
        for (const shop::Product& product : page)
            ids += product.id;
        const std::optional<std::string> next = head.next();
        if (!next) co_return;
        page = co_await api.follow<std::vector<shop::Product>>(*next, &head);
    }
}

Task<> read_events(shop::Api& api, std::string& seen) {
    shop::Events events = co_await api.watch();
    while (std::optional<shop::Event> event = co_await events.next())
        seen += event->id + event->event + event->as<shop::Product>().name + ";";
}

Task<> read_records(shop::Api& api, std::string& seen) {
    shop::Records<shop::Product> records = co_await api.export_();
    while (std::optional<shop::Product> product = co_await records.next())
        seen += product->id;
}

// Told apart by what they require, and by what JSON they are.
void check_choices(LocalLoop& loop, shop::Api& api) {
    const auto shapes = shop::decode<std::vector<shop::Shape>>(
        R"([{"x":1,"y":2},{"y":2,"x":1,"r":3,"z":0},{"members":["a",1.5,[{"x":0,"y":0}]],"of":{"b":"B"}}])");
    const std::vector<shop::Shape> echoed = loop.run(api.echo_shapes(shapes));
    SAME(std::get<shop::Point>(echoed.at(0)).y, 2);
    SAME(std::get<shop::Circle>(echoed.at(1)).r, 3);
    const auto& group = std::get<shop::Group>(echoed.at(2));
    SAME(std::get<std::string>(group.members.at(0)), "a");
    SAME(std::get<double>(group.members.at(1)), 1.5);
    const auto& inner = std::get<std::vector<shop::Shape>>(group.members.at(2));
    SAME(std::holds_alternative<shop::Point>(inner.at(0)), true);
    SAME(group.of->text, R"({"b":"B"})"); // these look alike
    SAME(armature::to_json(echoed.at(0)), R"({"x":1,"y":2})");
    for (const char* const wrong : {"{\"x\":1}", "true", "null", "{\"x\":1,\"y\":\"2\"}", "{", ""})
        try {
            (void)shop::decode<shop::Shape>(wrong);
            SAME(wrong, "refused");
        } catch (const shop::DecodeError&) {
            ++checks;
        }
}

// A struct whose members are those of several bases.
void check_wide(LocalLoop& loop, shop::Api& api) {
    shop::Wide wide;
    wide.m1 = 1;
    wide.m70 = 70;
    const shop::Wide inner = wide;
    wide.wide.emplace().push_back(inner);
    const shop::Wide echoed = loop.run(api.echo_wide(wide));
    SAME(echoed.m1 + echoed.m70, 71);
    SAME(echoed.m2.has_value(), false);
    SAME(echoed.wide->at(0).m70, 70);
    SAME(armature::to_json(echoed.wide->at(0)), R"({"m1":1,"m70":70})");
    try {
        (void)shop::decode<shop::Wide>(R"({"m1":1,"m2":"2"})");
        SAME(false, true); // it should have thrown
    } catch (const shop::DecodeError& error) {
        const std::string_view what = error.what();
        SAME(what.find("/m2") != what.npos && what.find("/m70") != what.npos, true);
    }
}

void check_objects_as_parameters(LocalLoop& loop, shop::Api& api) {
    shop::Range range;
    range.from = 1;
    range.to = 2;
    shop::FindArgs args(range, range);
    args.spread = range;
    args.joined = range;
    args.piped = range;
    args.deep.emplace().text = "a&b";
    args.deep->range.emplace().from = 3;
    args.deep->kinds = {shop::Kind::book};
    args.x_range = range;
    const shop::Received got = loop.run(api.find(std::move(args)));
    SAME(got.url,
         "/find/from,1,to,2/from=1,to=2?from=1&to=2&joined=from,1,to,2&piped=from%7C1%7Cto%7C2"
         "&deep%5Btext%5D=a%26b&deep%5Brange%5D%5Bfrom%5D=3&deep%5Bkinds%5D%5B0%5D=book");
    SAME(got.fields.at("x-range"), "from,1,to,2");
}

template <class T>
int status_of(LocalLoop& loop, Task<T> task) {
    try {
        loop.run(std::move(task));
    } catch (const shop::ApiError& error) {
        return armature::status_code(error.status());
    }
    return 0;
}

} // namespace

int main(int, char** argv) {
    LocalLoop loop;
    armature::ClientOptions client_options;
    client_options.first_wait = armature::Duration::milliseconds(1);
    armature::Client client(client_options);
    shop::Options options;
    options.base_url = argv[1];
    options.credentials.emplace("token", std::function<std::string()>([] { return "secret"; }));
    options.credentials.emplace("key", "abc");
    options.credentials.emplace("login", shop::Credential::basic("ada", "secret"));
    shop::Api api(client, options);

    // Types.
    const shop::Product one = loop.run(api.get_product(std::string("a/b ü")));
    SAME(one.id, "a/b ü");
    SAME(one.note.has_value(), false);
    SAME(static_cast<int>(one.kind), static_cast<int>(shop::Kind::book));
    SAME(one.created.time_since_epoch().count(), 1709208000250000);
    SAME(static_cast<unsigned>(one.details->made->day()), 29U);
    SAME(one.details->weight.value_or(0), 1.5);

    // Parameters and credentials.
    shop::Head head;
    shop::ListProductsArgs list;
    list.tags = {"a&b", "c"};
    list.ids = {1, 2};
    list.x_trace = "t";
    list.theme = "dark mode";
    (void)loop.run(api.list_products(std::move(list), &head));
    const auto got =
        shop::decode<shop::Received>(std::string(head.headers.get("x-got").value_or("")));
    SAME(got.url, "/products?tags=a%26b&tags=c&ids=1%7C2");
    SAME(got.fields.at("x-trace"), "t");
    SAME(got.fields.at("cookie"), "theme=dark%20mode");
    SAME(got.fields.at("authorization"), "Bearer secret");

    shop::SearchArgs search;
    search.body.emplace();
    search.body->q = "ä";
    search.body->kinds = {shop::Kind::book, shop::Kind::_2nd_hand};
    search.filter.emplace()["a"] = "1 2";
    const shop::Received found = loop.run(api.search(std::move(search)));
    SAME(found.url, "/search?filter%5Ba%5D=1%202");
    SAME(found.content, "q=%C3%A4&kinds=book&kinds=2nd%20hand");
    SAME(found.fields.at("authorization"), "Basic YWRhOnNlY3JldA==");

    // A form with a file.
    shop::UploadPhotoBody form;
    form.title = "T";
    form.tags = {"x", "y"};
    form.details.emplace().weight = 2;
    form.photo = {"PNG", "a.png", "image/png"};
    const shop::Received photo = loop.run(api.upload_photo({"1", form}));
    SAME(photo.fields.at("x-key"), "abc");
    for (const char* const part :
         {"name=\"title\"\r\n\r\nT\r\n", "name=\"tags\"\r\n\r\nx\r\n", "name=\"tags\"\r\n\r\ny\r\n",
          "application/json\r\n\r\n{\"weight\":2}",
          "name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n"})
        SAME(photo.content.find(part) != std::string::npos, true);

    // Choices, told apart by their discriminator.
    shop::Transfer transfer;
    transfer.iban = "DE00";
    transfer.urgent = true;
    const shop::Payment paid = loop.run(api.pay(shop::Payment(transfer)));
    SAME(std::get<shop::Transfer>(paid).iban, "DE00");
    shop::PaymentCard card;
    card.number = "42";
    SAME(std::get<shop::PaymentCard>(loop.run(api.pay(shop::Payment(card)))).number, "42");
    shop::Tree tree;
    tree.value = "x";
    tree.children.emplace().emplace_back().value = std::int64_t{2};
    const shop::Tree echoed = loop.run(api.echo_tree(tree));
    SAME(std::get<std::string>(echoed.value), "x");
    SAME(std::get<std::int64_t>(echoed.children->at(0).value), 2);
    check_choices(loop, api);
    check_wide(loop, api);
    check_objects_as_parameters(loop, api);

    // Errors.
    try {
        (void)loop.run(api.get_product(std::string("none")));
        SAME(false, true); // it should have thrown
    } catch (const shop::ApiError& error) {
        SAME(armature::status_code(error.status()), 404);
        SAME(error.as<shop::Problem>().title, "No such product");
        SAME(error.problem()->title.value_or(""), "No such product");
    }
    shop::Options anonymous;
    anonymous.base_url = argv[1];
    shop::Api stranger(client, anonymous);
    SAME(status_of(loop, stranger.get_product(std::string("1"))), 401);
    try {
        (void)loop.run(api.get_product(std::string("..")));
        SAME(false, true); // it should have thrown
    } catch (const std::invalid_argument&) {
    }
    loop.run(api.delete_product(std::string("1")));

    // Retries.
    SAME(loop.run(api.flaky(2)).attempts.value_or(0), 3);
    SAME(status_of(loop, api.flaky_patch(1)), 503);
    shop::ProductInput fresh;
    fresh.name = "New";
    fresh.created = one.created;
    fresh.secret = "s";
    fresh.paid = shop::Payment(transfer);
    const shop::Product made = loop.run(api.create_product(fresh));
    SAME(made.id, "7");
    SAME(std::get<shop::Transfer>(*made.paid).iban, "DE00");
    SAME(made.note.value_or("").size(), 36U);
    fresh.name.clear();
    SAME(status_of(loop, api.create_product(fresh)), 422);

    // Pages and streams.
    std::string ids, events, records;
    loop.run(follow_pages(api, ids));
    SAME(ids, "12345");
    loop.run(read_events(api, events));
    SAME(events, "1madeProduct 1;2madeProduct 2;3madeProduct 3;4madeProduct 4;");
    loop.run(read_records(api, records));
    SAME(records, "123");
    SAME(loop.run(api.report()), "id,name\n1,Ä\n");
    armature::ClientResponse report = loop.run(api.report_response());
    SAME(loop.run(report.text()).size(), 13U);

    std::cout << checks << " checks\n";
}
