// The pages of the running function: check.mjs FOLDER_OF_PICTURES

import fs from "node:fs";
import { busyFunction } from "./busy.mjs";
import { customerPage } from "./customer.mjs";
import { keyDialog } from "./keys.mjs";
import { livePage } from "./live.mjs";
import { manyPage } from "./many.mjs";
import { modelPage } from "./model.mjs";
import { finish, launch, serve } from "./suite.mjs";

const pictures = process.argv[2];
fs.mkdirSync(pictures, { recursive: true });
const world = { browser: await launch(), server: await serve(), pictures };
await customerPage(world);
await manyPage(world);
await busyFunction(world);
await keyDialog(world);
await modelPage(world);
await livePage(world);
await world.browser.close();
await world.server.stop();
finish();
