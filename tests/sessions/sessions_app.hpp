#pragma once

#include <armature/app/app.hpp>
#include <armature/sessions/csrf.hpp>
#include <armature/sessions/session.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <string>

namespace armature::testing {

inline SecretString secret(char fill = 'k') { return SecretString{std::string(31, fill) + "\x01"}; }
inline SecretKeys keys() { return SecretKeys{secret()}; }

/// A small application around a session: `middleware` is one of the two.
template <class Sessions>
App shop(Sessions middleware) {
    return App::create()
        .wrap(std::move(middleware))
        .route("/", get([] { return "public"; }))
        .route("/me", get([](Session session) {
                   return std::string{session.get("user").value_or("nobody")};
               }))
        .route("/set", post([](Session session, Request& request) {
                   for (const QueryView::Pair& pair : QueryView{request.query_text()})
                       session.set(pair.name, form_decode(pair.value));
               }))
        .route("/erase", post([](Session session, Request& request) {
                   return session.erase(*request.query("name")) ? "gone" : "nothing";
               }))
        .route("/clear", post([](Session session) { session.clear(); }))
        .route("/login", post([](Session session) {
                   session.renew();
                   session.set("user", "ana");
               }))
        .route("/logout", post([](Session session) { session.end(); }))
        .route("/flash", post([](Session session) { session.flash("notice", "Saved; \"now\""); }))
        .route("/page", get([](Session session) {
                   return session.take_flash("notice").value_or("no notice");
               }))
        .route("/fails", post([](Session session) {
                   session.set("user", "eve");
                   throw Error::conflict("no");
               }))
        .route("/secret", get([](Session session) { return std::string{session.secret()}; }));
}

} // namespace armature::testing
