// What `pinhole --help` and `pinhole COMMAND --help` say around the parser's lists.

import { type Cli, EXIT } from "./shared.js";

interface Section {
	title?: string;
	body: string;
}

const EXIT_CODES = `  ${EXIT.success}  success
  ${EXIT.deviceError}  the device answered an error, printed as "4.04 Not Found", or its console refused
  ${EXIT.usage}  a wrong call
  ${EXIT.noAnswer}  no answer within the time-out
  ${EXIT.noSuchDevice}  no such device, no such port
  ${EXIT.backendUnreachable}  no back end
  ${EXIT.portBusy}  the port is in use, or not for you
  ${EXIT.wrongBoard}  another board than the one that was named
  ${EXIT.wrongImage}  an image that is none, or for another board`;

const FIRST_STEPS = `  $ pinhole credentials new compressor-1                                      keys for a device
  $ pinhole backend --credentials credentials.json                            in one terminal
  $ pinhole device --oscore credentials.json --endpoint compressor-1 \\
      --server coap://127.0.0.1:5683                                          in another
  $ pinhole devices                                                           in a third
  $ pinhole read compressor-1 /3303/0/5700
  $ pinhole observe compressor-1 /3323/0/5700

  A path is /OBJECT/INSTANCE/RESOURCE in numbers of the OMA registry: /3 is Device, /3303/0/5700 is the value of the
  first temperature sensor. npm start plays all of it at once, with a NAT in between.`;

/** Makes the parser's help begin with what the command is for, and end with first steps. */
export function addHelp(cli: Cli): void {
	cli.help((sections) => {
		const kept = sections.filter(({ title }) => title?.startsWith("For more info") !== true);
		const command = cli.matchedCommand;
		if (command !== undefined) return [{ body: `${command.description}.` }, ...kept.slice(1)];
		const more = "\n  pinhole COMMAND --help tells the options of one command and gives examples.";
		return [
			{ body: "pinhole: the control line to machines that nobody can dial." },
			...kept.slice(1).map((section) => (section.title === "Commands" ? withMore(section, more) : section)),
			{ title: "First steps", body: FIRST_STEPS },
			{ title: "Exit codes", body: EXIT_CODES },
		];
	});
}

function withMore(section: Section, more: string): Section {
	return { ...section, body: `${section.body}\n${more}` };
}
