#include <armature/core/body.hpp>
#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace armature {
namespace {

class Pieces final : public BodyStream {
  public:
    explicit Pieces(std::vector<std::string> pieces, int* alive = nullptr,
                    std::optional<std::uint64_t> promised = std::nullopt)
        : pieces_(std::move(pieces)), alive_(alive), promised_(promised) {
        if (alive_ != nullptr) ++*alive_;
    }
    ~Pieces() override {
        if (alive_ != nullptr) --*alive_;
    }
    Task<std::optional<std::string_view>> next() override {
        co_await yield();
        ++asked;
        if (at_ == pieces_.size()) co_return std::nullopt;
        co_return pieces_[at_++];
    }
    std::optional<std::uint64_t> size() const noexcept override { return promised_; }

    int asked = 0;

  private:
    std::vector<std::string> pieces_;
    std::size_t at_ = 0;
    int* alive_;
    std::optional<std::uint64_t> promised_;
};

TEST(Body, IsEmptyAtFirst) {
    const Body body;
    EXPECT_EQ(body.kind(), Body::Kind::empty);
    EXPECT_TRUE(body.empty());
    EXPECT_TRUE(body.in_memory());
    EXPECT_EQ(body.size(), 0u);
    EXPECT_EQ(body.text(), "");
}

TEST(Body, HoldsTextInThreeWays) {
    const Body view = Body::view("view");
    const Body owned{std::string{"owned"}};
    const auto text = std::make_shared<const std::string>("shared");
    const Body shared{text};
    EXPECT_EQ(view.text(), "view");
    EXPECT_EQ(owned.text(), "owned");
    EXPECT_EQ(shared.text(), "shared");
    EXPECT_EQ(shared.size(), 6u);
    EXPECT_EQ(text.use_count(), 2);
    for (const Body* body : {&view, &owned, &shared}) {
        EXPECT_TRUE(body->in_memory());
        EXPECT_FALSE(body->empty());
    }
}

TEST(Body, MovesEveryKind) {
    int alive = 0;
    {
        std::vector<Body> bodies;
        bodies.emplace_back();
        bodies.push_back(Body::view("view"));
        bodies.emplace_back(std::string{"owned"});
        bodies.emplace_back(std::string(100, 'x'));
        bodies.emplace_back(std::make_shared<const std::string>("shared"));
        bodies.emplace_back(std::make_unique<Pieces>(std::vector<std::string>{"a"}, &alive));
        for (Body& from : bodies) {
            const auto kind = from.kind();
            Body to{std::move(from)};
            EXPECT_EQ(to.kind(), kind);
            EXPECT_EQ(from.kind(), Body::Kind::empty); // NOLINT: what is promised of it
            from = std::move(to);
            EXPECT_EQ(from.kind(), kind);
            Body& self = from;
            from = std::move(self);
            EXPECT_EQ(from.kind(), kind);
        }
        EXPECT_EQ(bodies[1].text(), "view");
        EXPECT_EQ(bodies[2].text(), "owned");
        EXPECT_EQ(bodies[3].text(), std::string(100, 'x'));
        EXPECT_EQ(alive, 1);
        bodies[5] = Body{std::string{"replaced"}};
        EXPECT_EQ(alive, 0);
        bodies[5].clear();
        EXPECT_TRUE(bodies[5].empty());
    }
}

TEST(Body, KnowsTheSizeOfAStreamOnlyWhereTheStreamDoes) {
    const Body unknown{std::make_unique<Pieces>(std::vector<std::string>{})};
    const Body known{std::make_unique<Pieces>(std::vector<std::string>{}, nullptr, 7)};
    EXPECT_EQ(unknown.size(), std::nullopt);
    EXPECT_FALSE(unknown.empty());
    EXPECT_EQ(known.size(), 7u);
    EXPECT_FALSE(known.in_memory());
    EXPECT_EQ(known.text(), "");
}

TEST(Body, SendsPartOfAFile) {
    const auto file = File::open("/proc/self/exe");
    const std::uint64_t size = file->size();
    EXPECT_GT(size, 100u);
    const Body body{FileRegion{file, 10, 50}};
    EXPECT_EQ(body.kind(), Body::Kind::file);
    EXPECT_EQ(body.size(), 50u);
    EXPECT_EQ(body.file().offset, 10u);
    EXPECT_FALSE(body.in_memory());
}

TEST(File, ClosesItsDescriptorWithItsLastOwner) {
    auto file = File::open("/dev/null");
    const int descriptor = file->descriptor();
    EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    {
        const Body body{FileRegion{file, 0, 0}};
        file.reset();
        EXPECT_NE(::fcntl(descriptor, F_GETFD), -1);
    }
    EXPECT_EQ(::fcntl(descriptor, F_GETFD), -1);
}

TEST(File, ThatIsNotThereThrows) {
    EXPECT_THROW(static_cast<void>(File::open("/nonexistent/file")), std::system_error);
}

TEST(BodyStream, ReadsEverything) {
    LocalLoop loop;
    Pieces stream{{"one ", "two ", "three"}};
    EXPECT_EQ(loop.run(stream.read_all(13)), "one two three");
    EXPECT_EQ(stream.trailers(), nullptr);
}

TEST(BodyStream, RefusesMoreThanTheLimit) {
    LocalLoop loop;
    Pieces stream{{"one ", "two ", "three"}};
    try {
        static_cast<void>(loop.run(stream.read_all(12)));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.status(), Status::content_too_large);
        EXPECT_NE(error.detail().find("12 bytes"), std::string_view::npos);
    }
}

TEST(BodyStream, RefusesByItsPromisedSizeBeforeItReads) {
    LocalLoop loop;
    Pieces stream{{"one"}, nullptr, 1'000'000};
    EXPECT_THROW(static_cast<void>(loop.run(stream.read_all(100))), Error);
    EXPECT_EQ(stream.asked, 0);
}

TEST(BodyStream, IsReadIntoMemoryOfThePromisedSize) {
    LocalLoop loop;
    const std::string piece(10'000, 'x');
    Pieces stream{std::vector<std::string>(10, piece), nullptr, 100'000};
    const std::string content = loop.run(stream.read_all(100'000));
    EXPECT_EQ(content.size(), 100'000u);
    EXPECT_EQ(content.capacity(), 100'000u);
}

TEST(BodyStream, GetsNoMemoryForWhatIsOnlyPromised) {
    LocalLoop loop;
    Pieces stream{{std::string(1'000, 'x')}, nullptr, 1'000'000'000};
    EXPECT_LE(loop.run(stream.read_all(1'000'000'000)).capacity(), 16'000u);
}

TEST(BodyStream, EndsWhenTheRequestIsCancelled) {
    LocalLoop loop;
    Cancellation cancellation;
    cancellation.request(CancelReason::client_gone);
    Pieces stream{{"one"}};
    EXPECT_THROW(static_cast<void>(loop.run(stream.read_all(100), &cancellation)), Cancelled);
}

} // namespace
} // namespace armature
