#include "cli/client/generate.hpp"
#include "cli/client/runtime.hpp"
#include "cli/client/rust_calls.hpp"

namespace armature::client_gen {

using namespace rust_text;

namespace {

// The files of a Rust client.
class Rust {
  public:
    Rust(const spec::Document& document, const Options& options)
        : document_(document), crate_(crate_name(document, options)),
          model_(document, warnings_, RustTypes::reserved()), types_(model_),
          calls_(document, model_, warnings_, types_) {}

    Generated run() {
        const std::string top =
            "// Made from \"" + single_line(document_.title()) + "\" " +
            single_line(document_.api_version()) +
            " by `armature client`. Changes here are lost when it is made again.\n";
        // Calls first: they declare types of their own.
        const std::string calls = calls_.write(top);
        Generated out;
        out.files.push_back({"src/types.rs", types_.write(top)});
        out.files.push_back({"src/operations.rs", calls});
        out.files.push_back({"src/client.rs", std::string(runtime::rust_client)});
        out.files.push_back({"src/lib.rs", library(top)});
        out.files.push_back({"Cargo.toml", cargo_file()});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = calls_.functions();
        out.types = model_.declarations().size();
        return out;
    }

  private:
    static std::string crate_name(const spec::Document& document, const Options& options) {
        std::string out =
            snake_case(options.package.empty() ? document.title() + " client" : options.package);
        if (out.empty() || (out.front() >= '0' && out.front() <= '9')) out.insert(0, "api_");
        return out;
    }
    std::string library(const std::string& top) {
        std::string schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
            const std::string text = calls_.scheme_of(scheme);
            if (!text.empty())
                schemes +=
                    "    (" + literal(scheme.name) + ", client::Scheme::" + text.substr(8) + "),\n";
        }
        const std::string base = base_of(document_);
        const bool has_base = base.starts_with("http");
        return top + "//! A client of " + single_line(document_.title()) + " " +
               single_line(document_.api_version()) +
               ".\n#![allow(dead_code, deprecated, clippy::all, rustdoc::all)]\n\npub mod "
               "client;\npub mod "
               "operations;\npub mod types;\n\npub use client::{ApiError, Client, Credential, "
               "Error, "
               "Event, Events, FilePart, Form, ProblemDetails, Records, Reply, Retry};\npub use "
               "operations::*;\npub use types::*;\n\nconst SCHEMES: &[(&str, client::Scheme)] = "
               "&[\n" +
               schemes +
               "];\n\nimpl Client {\n    /// A client of the service at this address.\n    pub fn "
               "new(base_url: &str) -> Self {\n        Client {\n            base_url: "
               "base_url.to_owned(),\n            credentials: Default::default(),\n            "
               "retry: "
               "Default::default(),\n            timeout: std::time::Duration::from_secs(30),\n"
               "            idempotency_keys: false,\n            http: reqwest::Client::new(),\n"
               "            schemes: SCHEMES,\n            has_default_url: false,\n        }\n    "
               "}\n" +
               (has_base
                    ? "    /// A client of the service where its document says that it is.\n    "
                      "pub "
                      "fn of_the_document() -> Self {\n        Client { has_default_url: true, "
                      "..Self::new(" +
                          literal(base) + ") }\n    }\n"
                    : "") +
               "    /// Adds a credential for a security scheme.\n    pub fn credential(mut self, "
               "scheme: &str, credential: Credential) -> Self {\n        "
               "self.credentials.insert(scheme.to_owned(), credential);\n        self\n    }\n}\n";
    }

    std::string cargo_file() const {
        return "# " + single_line(document_.title()) +
               ", by `armature client`.\n[package]\nname = " + literal(crate_) +
               "\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[features]\ndefault "
               "= "
               "[\"rustls\"]\nrustls = [\"reqwest/rustls-tls\"]\n\n[dependencies]\nbytes = "
               "\"1\"\nreqwest = { version = \"0.12\", default-features = false, features = "
               "[\"multipart\"] }\nserde = { version = \"1.0.181\", features = [\"derive\"] }\n"
               "serde_json = \"1\"\ntokio = { version = \"1\", features = [\"time\"] }\nuuid = { "
               "version "
               "= \"1\", features = [\"v4\"] }\n";
    }

    std::string readme(const std::vector<std::string>& warnings) const {
        std::string text(runtime::rust_readme);
        for (std::size_t at = 0; (at = text.find("CRATE", at)) != text.npos; at += crate_.size())
            text.replace(at, 5, crate_);
        std::string out = "# " + crate_ + "\n\nA Rust client of " + single_line(document_.title()) +
                          " " + single_line(document_.api_version()) +
                          ", made by `armature client`, on reqwest and serde.\n\n" + text;
        if (!warnings.empty()) {
            out += "\n## What this client doesn't do\n\n";
            for (const std::string& warning : warnings)
                out += "- " + single_line(warning) + "\n";
        }
        return out;
    }

    const spec::Document& document_;
    std::string crate_;
    Warnings warnings_;
    Model model_;
    RustTypes types_;
    RustCalls calls_;
};

} // namespace

Generated rust(const spec::Document& document, const Options& options) {
    return Rust(document, options).run();
}

} // namespace armature::client_gen
