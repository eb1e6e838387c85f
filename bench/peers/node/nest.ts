// The service of bench/peers/README.md on NestJS, over Express as it comes.
import "reflect-metadata";

import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Module,
  Param,
  ParseIntPipe,
  Post,
  ValidationPipe,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { IsEmail, IsInt, IsString, Length, Max, Min } from "class-validator";

import { echoWebSockets, ready, resources, state, user } from "./service.js";

const text = "text/plain; charset=utf-8";

class NewUser {
  @IsString()
  @Length(1, 64)
  name!: string;

  @IsEmail()
  email!: string;

  @IsInt()
  @Min(0)
  @Max(150)
  age!: number;
}

@Controller()
class Service {
  @Get("/")
  @Header("content-type", text)
  hello() {
    return "Hello, World!";
  }

  @Get("/json")
  json() {
    return { message: "Hello, World!" };
  }

  @Get("/users/:id")
  user(@Param("id", ParseIntPipe) id: number) {
    return user(id);
  }

  @Post("/api/users")
  @HttpCode(201)
  create(@Body() made: NewUser) {
    return { id: 1, name: made.name, email: made.email, age: made.age };
  }

  @Get("/count")
  @Header("content-type", text)
  count() {
    return String(state.requests);
  }

  @Get("/health")
  @Header("content-type", text)
  health() {
    return "ok";
  }
}

function resource(name: string) {
  @Controller(`/api/${name}`)
  class Resource {
    @Get()
    @Header("content-type", text)
    all() {
      return name;
    }

    @Get(":id")
    @Header("content-type", text)
    one(@Param("id", ParseIntPipe) id: number) {
      return `${name} ${id}`;
    }
  }
  return Resource;
}

@Module({ controllers: [Service, ...resources.map(resource)] })
class App {}

type Next = () => void;

function count(_request: any, _response: any, next: Next) {
  state.requests += 1;
  next();
}

function refuse(request: any, response: any, next: Next) {
  if (request.headers["x-refuse"] !== undefined) response.status(403).end();
  else next();
}

function mark(_request: any, response: any, next: Next) {
  response.set("x-service", "peers");
  next();
}

async function main() {
  const app = await NestFactory.create<NestExpressApplication>(App, { logger: false });
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(count, refuse, mark);
  app.useGlobalPipes(new ValidationPipe({ errorHttpStatusCode: 422 }));
  app.useStaticAssets(process.argv[2], { prefix: "/files/" });
  const server = await app.listen(0, "127.0.0.1");
  echoWebSockets(server);
  ready(server);
}

void main();
