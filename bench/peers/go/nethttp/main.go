// The service of bench/peers/README.md on Go's net/http.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"os"
	"strconv"
	"sync/atomic"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"armature.invalid/peers/quic"
)

type message struct {
	Message string `json:"message"`
}

type user struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type newUser struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   *int   `json:"age"`
}

type signup struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   int    `json:"age"`
}

func (u newUser) valid() bool {
	length := utf8.RuneCountInString(u.Name)
	_, err := mail.ParseAddress(u.Email)
	return length >= 1 && length <= 64 && err == nil && u.Age != nil && *u.Age >= 0 && *u.Age <= 150
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte(text))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	content, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(content)
}

func pathID(w http.ResponseWriter, r *http.Request) (uint64, bool) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "not a number", http.StatusBadRequest)
	}
	return id, err == nil
}

func text(value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { writeText(w, value) }
}

func one(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if id, ok := pathID(w, r); ok {
			writeText(w, fmt.Sprintf("%s %d", name, id))
		}
	}
}

func getUser(w http.ResponseWriter, r *http.Request) {
	if id, ok := pathID(w, r); ok {
		number := strconv.FormatUint(id, 10)
		writeJSON(w, http.StatusOK, user{id, "User " + number, "user" + number + "@example.com"})
	}
}

func createUser(w http.ResponseWriter, r *http.Request) {
	var user newUser
	if err := json.NewDecoder(r.Body).Decode(&user); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !user.valid() {
		http.Error(w, "the user breaks a rule", http.StatusUnprocessableEntity)
		return
	}
	writeJSON(w, http.StatusCreated, signup{1, user.Name, user.Email, *user.Age})
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func echo(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, content, err := socket.ReadMessage()
		if err != nil || socket.WriteMessage(kind, content) != nil {
			return
		}
	}
}

var requests atomic.Uint64

func count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		next.ServeHTTP(w, r)
	})
}

func refuse(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Refuse") != "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func mark(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Service", "peers")
		next.ServeHTTP(w, r)
	})
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", text("Hello, World!"))
	mux.HandleFunc("GET /json", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, message{"Hello, World!"})
	})
	mux.HandleFunc("GET /users/{id}", getUser)
	mux.HandleFunc("POST /api/users", createUser)
	mux.HandleFunc("GET /count", func(w http.ResponseWriter, r *http.Request) {
		writeText(w, strconv.FormatUint(requests.Load(), 10))
	})
	mux.HandleFunc("GET /health", text("ok"))
	mux.HandleFunc("GET /ws/echo", echo)
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServer(http.Dir(os.Args[1]))))
	for _, name := range []string{"products", "orders", "carts", "reviews", "categories", "invoices"} {
		mux.HandleFunc("GET /api/"+name, text(name))
		mux.HandleFunc("GET /api/"+name+"/{id}", one(name))
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	handler := count(refuse(mark(mux)))
	server := &http.Server{Handler: handler, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	fmt.Printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"%s}\n", os.Getpid(), listener.Addr(),
		quic.Serve(os.Args[2:], handler))
	panic(server.Serve(listener))
}
