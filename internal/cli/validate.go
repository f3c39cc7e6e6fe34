package cli

import (
	"fmt"

	"github.com/adit-hq/adit/internal/spicepod"
)

type validateCmd struct {
	File string `arg:"" optional:"" help:"The file to check; - reads standard input (default: $$ADIT_CONFIG, else spicepod.yaml)."`
	listing
}

// Help is the text under the usage line.
func (validateCmd) Help() string {
	return `Checks the file without any network: its form, every parameter, and whether each secret that it names is there. All faults are told at once, with line and column. It exits with 0 when the file is valid, and with 3 when it is not.

Example:

    adit validate spicepod.yaml`
}

// Run checks the file and tells what Adit makes of it.
func (c *validateCmd) Run(p *Process) error {
	file, err := p.load(p.configPath(c.File), c.json())
	if err != nil {
		return err
	}
	if c.json() {
		return printJSON(p.Stdout, struct {
			File    string             `json:"file"`
			Valid   bool               `json:"valid"`
			Models  []modelRow         `json:"models"`
			Ignored []spicepod.Ignored `json:"ignored"`
		}{file.Path, true, modelRows(file.Models), append([]spicepod.Ignored{}, file.Ignored...)})
	}
	fmt.Fprintf(p.Stdout, "%s is valid and has %s for Adit.\n", file.Path, counted(int64(len(file.Models)), "model"))
	if err := p.printModels(file.Models); err != nil {
		return err
	}
	for _, i := range file.Ignored {
		fmt.Fprintln(p.Stdout, i)
	}
	return nil
}
