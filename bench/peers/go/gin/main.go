// The service of bench/peers/README.md on Gin, in its release mode.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/gin-gonic/gin"
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
	Name  string `json:"name" binding:"required,min=1,max=64"`
	Email string `json:"email" binding:"required,email"`
	Age   *int   `json:"age" binding:"required,min=0,max=150"`
}

type signup struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   int    `json:"age"`
}

func text(value string) gin.HandlerFunc {
	return func(c *gin.Context) { c.String(http.StatusOK, value) }
}

func pathID(c *gin.Context) (uint64, bool) {
	id, err := strconv.ParseUint(c.Param("id"), 10, 64)
	if err != nil {
		c.String(http.StatusBadRequest, "not a number")
	}
	return id, err == nil
}

func one(name string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if id, ok := pathID(c); ok {
			c.String(http.StatusOK, "%s %d", name, id)
		}
	}
}

func getUser(c *gin.Context) {
	if id, ok := pathID(c); ok {
		number := strconv.FormatUint(id, 10)
		c.JSON(http.StatusOK, user{id, "User " + number, "user" + number + "@example.com"})
	}
}

func createUser(c *gin.Context) {
	var user newUser
	if err := c.ShouldBindJSON(&user); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return
	}
	c.JSON(http.StatusCreated, signup{1, user.Name, user.Email, *user.Age})
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func echo(c *gin.Context) {
	socket, err := upgrader.Upgrade(c.Writer, c.Request, nil)
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

func count(c *gin.Context) { requests.Add(1) }

func refuse(c *gin.Context) {
	if c.GetHeader("X-Refuse") != "" {
		c.AbortWithStatus(http.StatusForbidden)
	}
}

func mark(c *gin.Context) { c.Header("X-Service", "peers") }

func main() {
	gin.SetMode(gin.ReleaseMode)
	app := gin.New()
	app.Use(count, refuse, mark)
	app.GET("/", text("Hello, World!"))
	app.GET("/json", func(c *gin.Context) { c.JSON(http.StatusOK, message{"Hello, World!"}) })
	app.GET("/users/:id", getUser)
	app.POST("/api/users", createUser)
	app.GET("/count", func(c *gin.Context) {
		c.String(http.StatusOK, strconv.FormatUint(requests.Load(), 10))
	})
	app.GET("/health", text("ok"))
	app.GET("/ws/echo", echo)
	app.Static("/files", os.Args[1])
	for _, name := range []string{"products", "orders", "carts", "reviews", "categories", "invoices"} {
		app.GET("/api/"+name, text(name))
		app.GET("/api/"+name+"/:id", one(name))
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: app, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	fmt.Printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"%s}\n", os.Getpid(), listener.Addr(),
		quic.Serve(os.Args[2:], app))
	panic(server.Serve(listener))
}
