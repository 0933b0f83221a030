import 'reflect-metadata';
import serverlessExpress from '@codegenie/serverless-express';
import Nimbus from '@hillock-tech/nimbus-js';
import { Body, Controller, Get, Injectable, Module, Param, Post, Query, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Response } from 'express';

@Injectable()
class Greeter {
    greet(name: string, greeting?: string) {
        return { hello: name, greeting };
    }
}

@Controller()
class HelloController {
    constructor(private readonly greeter: Greeter) {}

    @Get()
    routes() {
        return { routes: ['/hello/:name', '/echo'] };
    }

    @Get('hello/:name')
    hello(@Param('name') name: string, @Query('greeting') greeting?: string) {
        return this.greeter.greet(name, greeting);
    }

    @Post('echo')
    echo(@Body() body: object, @Res({ passthrough: true }) response: Response) {
        response.cookie('first', '1').cookie('second', '2');
        return body;
    }
}

@Module({ controllers: [HelloController], providers: [Greeter] })
class AppModule {}

async function bootstrap() {
    const nest = await NestFactory.create(AppModule);
    await nest.init();
    return serverlessExpress({ app: nest.getHttpAdapter().getInstance() });
}

let server: ReturnType<typeof bootstrap> | undefined;

const handler = async (event: any, context: any, callback: any) => {
    server ??= bootstrap();
    return (await server)(event, context, callback);
};

const app = new Nimbus({ projectName: 'nest-demo', region: 'us-east-1' });
const api = app.API({ name: 'nest-api', stage: '$default', function: 'router' });

api.route('ANY', '/', handler);
api.route('ANY', '/{proxy+}', handler);

export default app;
