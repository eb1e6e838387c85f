#include "cli/bench/protocol.hpp"
#include "cli/bench/response_head.hpp"

#include <armature/core/headers.hpp>
#include <armature/http1/body_decoder.hpp>

#include <algorithm>
#include <deque>

namespace armature::cli::bench {

Requests::Requests(const LoadPlan& plan) : plan_(&plan) {
    for (const Target& target : plan.targets) {
        std::string text = target.method + ' ' + target.path + " HTTP/1.1\r\n";
        bool has_host = false;
        for (const auto& [name, value] : plan.fields) {
            has_host = has_host || Headers::equal_names(name, "host");
            text += name + ": " + value + "\r\n";
        }
        if (!has_host) text += "Host: " + plan.origin.authority() + "\r\n";
        if (!plan.keeps_alive) text += "Connection: close\r\n";
        if (!target.body.empty() || target.method == "POST" || target.method == "PUT" ||
            target.method == "PATCH")
            text += "Content-Length: " + std::to_string(target.body.size()) + "\r\n";
        texts_.push_back(text + "\r\n" + target.body);
    }
}

namespace {

constexpr std::size_t most_head_bytes = std::size_t{64} * 1024;

class Http1 final : public Protocol {
  public:
    Http1(const Requests& requests, Answers& answers) : requests_(requests), answers_(answers) {}

    void send(const Sent& request) override {
        under_way_.push_back(request);
        output_ += requests_.text(request.target);
        if (!requests_.plan().keeps_alive) is_usable_ = false;
    }

    bool receive(std::string_view bytes) override {
        received_ += bytes;
        std::string_view rest = received_;
        bool good = true;
        while (good && !rest.empty())
            if (!(in_content_ ? take_content(rest, good) : take_head(rest, good))) break;
        received_.erase(0, received_.size() - rest.size());
        return good && (received_.empty() || !under_way_.empty()); // nobody asked for more
    }

    bool close() override {
        is_usable_ = false;
        if (in_content_ && until_close_) complete();
        return under_way_.empty();
    }
    bool is_usable() const override { return is_usable_; }
    std::size_t under_way() const override { return under_way_.size(); }
    std::uint64_t oldest() const override { return under_way_.front().sent; }
    std::vector<Sent> take_under_way() override {
        std::vector<Sent> all{under_way_.begin(), under_way_.end()};
        under_way_.clear();
        return all;
    }

  private:
    // Both give false when more bytes are needed, or `good` is false.
    bool take_head(std::string_view& rest, bool& good) {
        const std::size_t end = rest.find("\r\n\r\n");
        if (end == rest.npos) {
            good = rest.size() < most_head_bytes + 4;
            return false;
        }
        good = end <= most_head_bytes; // however the bytes were cut
        if (!good) return false;
        const std::optional<ResponseHead> head = read_response_head(rest.substr(0, end + 4));
        good = head.has_value() && head->status != 101 && !under_way_.empty();
        if (!good) return false;
        rest.remove_prefix(end + 4);
        if (head->status < 200) return true; // the answer comes later
        status_ = head->status;
        if (!head->keeps_alive) is_usable_ = false;
        bytes_ = 0;
        in_content_ = true;
        until_close_ = false;
        const Target& target = requests_.plan().targets[under_way_.front().target];
        if (target.method == "HEAD" || status_ == 204 || status_ == 304) {
            complete();
        } else if (head->is_chunked) {
            decoder_.start_chunked();
        } else if (head->length) {
            decoder_.start(*head->length);
            if (*head->length == 0) complete();
        } else {
            until_close_ = true;
            is_usable_ = false;
        }
        return true;
    }
    bool take_content(std::string_view& rest, bool& good) {
        if (until_close_) {
            bytes_ += rest.size();
            rest = {};
            return true;
        }
        const auto [consumed, payload, status] = decoder_.decode(rest.data(), rest.size());
        rest.remove_prefix(consumed);
        bytes_ += payload.size();
        if (status == http1::BodyDecoder::Status::done) complete();
        good = status != http1::BodyDecoder::Status::error;
        return good;
    }
    void complete() {
        in_content_ = false;
        const Sent request = under_way_.front();
        under_way_.pop_front();
        answers_.answered(request, status_, bytes_);
    }

    const Requests& requests_;
    Answers& answers_;
    std::deque<Sent> under_way_;
    std::string received_;
    http1::BodyDecoder decoder_;
    std::uint64_t bytes_ = 0;
    unsigned status_ = 0;
    bool in_content_ = false;
    bool until_close_ = false;
    bool is_usable_ = true;
};

} // namespace

std::unique_ptr<Protocol> make_http1(const Requests& requests, Answers& answers) {
    return std::make_unique<Http1>(requests, answers);
}

} // namespace armature::cli::bench
