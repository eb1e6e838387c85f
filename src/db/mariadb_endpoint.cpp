#include "db/mariadb_endpoint.hpp"

#include <armature/core/url.hpp>

#include <optional>
#include <stdexcept>
#include <string_view>

namespace armature::db::detail {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument(
        "armature: " + what +
        "; a MariaDB URL is mariadb://user:password@host:port/database, with percent-encoding and "
        "?socket=, sslmode=, sslrootcert=, sslcert= or sslkey= behind it");
}

std::string decode(std::string_view text) {
    std::string decoded;
    if (!percent_decode(text, decoded) || decoded.find('\0') != std::string::npos)
        refuse("the database's URL has a % that encodes nothing");
    return decoded;
}

TlsMode read_mode(std::string_view text) {
    if (text == "disable") return TlsMode::disable;
    if (text == "prefer") return TlsMode::prefer;
    if (text == "require") return TlsMode::require;
    if (text == "verify-ca") return TlsMode::verify_ca;
    if (text == "verify-full") return TlsMode::verify_full;
    refuse("the database's URL has an sslmode that isn't disable, prefer, require, verify-ca or "
           "verify-full");
}

} // namespace

MariadbEndpoint::MariadbEndpoint(const std::string& text) {
    const std::optional<Url> url = Url::parse(text);
    if (!url || !url->has_authority() || url->fragment()) refuse("the database's URL is no URL");
    host = url->host();
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    if (url->port()) port = *url->port();
    if (url->userinfo()) {
        const std::string_view info = *url->userinfo();
        const std::size_t colon = info.find(':');
        user = decode(info.substr(0, colon));
        if (colon != std::string_view::npos) password = decode(info.substr(colon + 1));
    }
    if (url->path().size() > 1) database = decode(std::string_view{url->path()}.substr(1));
    const std::string query = url->query().value_or("");
    for (const QueryView::Pair pair : QueryView{query}) {
        const std::string value = decode(pair.value);
        const std::string_view name = pair.name;
        if (name == "socket")
            socket = value;
        else if (name == "user")
            user = value;
        else if (name == "sslmode")
            tls = read_mode(value);
        else if (name == "sslrootcert")
            root_certificate = value;
        else if (name == "sslcert")
            certificate = value;
        else if (name == "sslkey")
            key = value;
        else
            refuse("the database's URL has an option that there isn't");
    }
    if (user.empty()) refuse("the database's URL names no user");
    if (certificate.empty() != key.empty()) refuse("sslcert and sslkey go together");
    if (tls == TlsMode::verify_ca && root_certificate.empty())
        refuse("sslmode=verify-ca needs sslrootcert=, the file of the authority");
    if (is_socket()) tls = TlsMode::disable; // nothing leaves the machine
}

} // namespace armature::db::detail
