#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// Who mail comes from or goes to: "ada@example.com", with a name for people if there is one.
class MailAddress {
  public:
    /// Throws std::invalid_argument unless it is one `local@domain` of ASCII without blanks, quotes
    /// and comments, of at most 254 bytes.
    MailAddress(std::string address); // NOLINT: as natural as the text
    MailAddress(const char* address) : MailAddress(std::string{address}) {} // NOLINT
    /// `name` is any UTF-8 text without control characters. Throws std::invalid_argument.
    MailAddress(std::string name, std::string address);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

  private:
    std::string name_;
    std::string address_;
};

/// One piece of mail. Each function throws std::invalid_argument for what can't be in it: so no
/// text of a stranger becomes a field, a recipient or another message.
///
///     MailMessage{}.to({"Ada", "ada@example.com"}).subject("Welcome").text("Hello Ada,\n…")
class MailMessage {
  public:
    MailMessage() noexcept {} // NOLINT: no aggregate, so that it is safe beside co_await on g++ 12

    /// Instead of `MailOptions::from`.
    MailMessage&& from(MailAddress address) &&;
    MailMessage&& reply_to(MailAddress address) &&;
    /// One more recipient, whom all see.
    MailMessage&& to(MailAddress address) &&;
    MailMessage&& cc(MailAddress address) &&;
    /// One more recipient, whom nobody sees.
    MailMessage&& bcc(MailAddress address) &&;
    /// UTF-8 without control characters, at most 900 bytes.
    MailMessage&& subject(std::string text) &&;
    /// The content as plain text, as HTML, or as both for the reader's program to choose from.
    /// UTF-8.
    MailMessage&& text(std::string content) &&;
    MailMessage&& html(std::string content) &&;
    /// One more attachment. `name` is that of a file: without a folder, quotes or control
    /// characters.
    MailMessage&& attach(std::string name, std::string_view type, std::string content) &&;
    /// An image or the like that the HTML shows as `<img src="cid:ID">`.
    MailMessage&& embed(std::string id, std::string_view type, std::string content) &&;
    /// One more field, for example `List-Unsubscribe`; not one of those that are written here.
    MailMessage&& header(std::string name, std::string value) &&;

    struct Part {
        std::string name; ///< an attachment's file name, or what HTML calls it by
        std::string type;
        std::string content;
    };
    struct Header {
        std::string name;
        std::string value;
    };
    /// What was given; for whoever writes it down.
    struct Parts {
        std::vector<MailAddress> from; ///< none or one
        std::vector<MailAddress> reply_to;
        std::vector<MailAddress> to;
        std::vector<MailAddress> cc;
        std::vector<MailAddress> bcc;
        std::string subject;
        std::string text;
        std::string html;
        std::vector<Part> attachments;
        std::vector<Part> embedded;
        std::vector<Header> headers;
    };
    [[nodiscard]] const Parts& parts() const noexcept { return parts_; }

  private:
    Parts parts_;
};

} // namespace armature
