// The service of bench/peers/README.md on Fiber, one process.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
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
	Name  string `json:"name" validate:"required,min=1,max=64"`
	Email string `json:"email" validate:"required,email"`
	Age   *int   `json:"age" validate:"required,min=0,max=150"`
}

type signup struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   int    `json:"age"`
}

func text(value string) fiber.Handler {
	return func(c *fiber.Ctx) error { return c.SendString(value) }
}

func pathID(c *fiber.Ctx) (uint64, error) {
	id, err := strconv.ParseUint(c.Params("id"), 10, 64)
	if err != nil {
		return 0, fiber.NewError(fiber.StatusBadRequest, "not a number")
	}
	return id, nil
}

func one(name string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprintf("%s %d", name, id))
	}
}

func getUser(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	number := strconv.FormatUint(id, 10)
	return c.JSON(user{id, "User " + number, "user" + number + "@example.com"})
}

var rules = validator.New(validator.WithRequiredStructEnabled())

func createUser(c *fiber.Ctx) error {
	var user newUser
	if err := c.BodyParser(&user); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, err.Error())
	}
	if err := rules.Struct(user); err != nil {
		return fiber.NewError(fiber.StatusUnprocessableEntity, err.Error())
	}
	return c.Status(fiber.StatusCreated).JSON(signup{1, user.Name, user.Email, *user.Age})
}

func echo(socket *websocket.Conn) {
	for {
		kind, content, err := socket.ReadMessage()
		if err != nil || socket.WriteMessage(kind, content) != nil {
			return
		}
	}
}

var requests atomic.Uint64

func count(c *fiber.Ctx) error {
	requests.Add(1)
	return c.Next()
}

func refuse(c *fiber.Ctx) error {
	if c.Get("X-Refuse") != "" {
		return c.SendStatus(fiber.StatusForbidden)
	}
	return c.Next()
}

func mark(c *fiber.Ctx) error {
	c.Set("X-Service", "peers")
	return c.Next()
}

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(count, refuse, mark)
	app.Get("/", text("Hello, World!"))
	app.Get("/json", func(c *fiber.Ctx) error { return c.JSON(message{"Hello, World!"}) })
	app.Get("/users/:id", getUser)
	app.Post("/api/users", createUser)
	app.Get("/count", func(c *fiber.Ctx) error {
		return c.SendString(strconv.FormatUint(requests.Load(), 10))
	})
	app.Get("/health", text("ok"))
	app.Get("/ws/echo", websocket.New(echo))
	app.Static("/files", os.Args[1])
	for _, name := range []string{"products", "orders", "carts", "reviews", "categories", "invoices"} {
		app.Get("/api/"+name, text(name))
		app.Get("/api/"+name+"/:id", one(name))
	}

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"}\n", os.Getpid(), listener.Addr())
	panic(app.Listener(listener))
}
