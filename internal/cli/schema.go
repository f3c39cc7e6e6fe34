package cli

import "github.com/adit-hq/adit/internal/spicepod"

type schemaCmd struct{}

// Help is the text under the usage line.
func (schemaCmd) Help() string {
	return `Editors use the schema to complete and check spicepod.yaml as you type. For yaml-language-server, make this the first line of the file:

    # yaml-language-server: $schema=spicepod.schema.json

Example:

    adit schema > spicepod.schema.json`
}

// Run prints the schema.
func (schemaCmd) Run(p *Process) error {
	text, err := spicepod.Schema()
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(append(text, '\n'))
	return err
}
