package cli

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestStatusSaysWhetherAServerRuns(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "research").exits(0)
	d.adit("status").exits(0).says("server          not running", "data directory  "+d.dir)
	if s := d.adit("status", "-o", "json").exits(0).json(); s["running"] != false || s["data_dir"] != d.dir || s["started"] != nil {
		t.Errorf("%v", s)
	}
	_, stop := d.serve()
	d.adit("status").exits(0).says("running since 20")
	if s := d.adit("status", "-o", "json").exits(0).json(); s["running"] != true || s["started"] == nil {
		t.Errorf("%v", s)
	}
	stop()
	d.adit("status").exits(0).says("not running")
}

func TestALinkThatNothingServesSaysSo(t *testing.T) {
	d := newDesk(t)
	d.adit("admin", "link").exits(0).says("/studio/link?token=").tells("No server is running on "+d.dir, "opens once `adit serve` runs on it")
	d.adit("admin", "link", "-o", "json").exits(0).says(`"url"`).tells("No server is running")
	d.serve()
	if r := d.adit("admin", "link").exits(0); r.err != "" {
		t.Errorf("with a server: %s", r.err)
	}
}

func TestACommandThatOnlyReadsMakesNoDataDirectory(t *testing.T) {
	d := newDesk(t)
	for _, args := range [][]string{{"status"}, {"org", "list"}, {"org", "show", "default"}, {"admin", "list"}, {"admin", "links"}, {"issuer", "keys", "list"}, {"usage"}, {"audit", "verify"}} {
		d.adit(args...).exits(3).tells("no server is running", d.dir, "`adit serve` creates it", "--data-dir or --server")
	}
	if _, err := os.Stat(d.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is there: %v", err)
	}
	d.adit("org", "create", "research").exits(0)
	d.adit("org", "list").exits(0).says("research")
}
