// The C++ of docs/compression.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/compression/compression.hpp>
#include <armature/compression/decompression.hpp>

#include <gtest/gtest.h>

namespace compression_page {

using namespace armature;

Response orders() { return Response::json('[' + std::string(5000, ' ') + ']'); }
std::string import_orders(Bytes content) { return std::to_string(content.view().size()); }
Response profile() { return Response::html(std::string(5000, ' ')); }

// [both]
App shop() {
    return App::create()
        .wrap(Compression{})
        .wrap(Decompression{})
        .route("/orders", get(orders).post(import_orders));
}
// [/both]

// [options]
Compression for_our_pages() {
    CompressionOptions options;
    options.codings = {"br", "gzip"}; // the first of those that the client likes best
    options.brotli_quality = 5;
    options.min_size = 4096;
    options.types = {"application/x-shop"};
    return Compression{options};
}
// [/options]

// [uncompressed]
App with_secrets() {
    return App::create()
        .wrap(Compression{})
        .route("/orders", get(orders))
        .service(scope("/account").metadata(Uncompressed{}).route("/", get(profile)));
}
// [/uncompressed]

std::string coding_of(App app, const char* path) {
    const Response response =
        app.build().handle(Request::get(path).set_header("accept-encoding", "br, gzip"));
    return std::string{response.headers().get("content-encoding").value_or("none")};
}

TEST(CompressionPage, Compresses) {
    EXPECT_EQ(coding_of(shop(), "/orders"), "br");
    EXPECT_EQ(coding_of(with_secrets(), "/orders"), "br");
    EXPECT_EQ(coding_of(with_secrets(), "/account"), "none");
    EXPECT_EQ(coding_of(App::create().wrap(for_our_pages()).route("/", get(orders)), "/"), "br");
}

TEST(CompressionPage, RefusesUnknownCodings) {
    const Response response = shop().build().handle(
        Request::post("/orders", "x", "text/plain").set_header("content-encoding", "compress"));
    EXPECT_EQ(response.status(), Status::unsupported_media_type);
}

} // namespace compression_page
