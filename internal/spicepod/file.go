package spicepod

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/secret"
)

// MaxBytes is the largest spicepod.yaml that is read.
const MaxBytes = 1 << 20

// File is what Adit uses of one spicepod.yaml.
type File struct {
	// Path is the file as it was named to Load or Parse.
	Path string
	// Name is the Spicepod's name, Version "v1" or "v2".
	Name, Version string
	// Models are the bedrock entries of `embeddings:`, in the file's order.
	Models []Model
	// Ignored is what else the file holds, each thing once, in the file's order.
	Ignored []Ignored
}

// Model is one bedrock entry of `embeddings:`, checked, with every default and secret filled in.
type Model struct {
	Name   string
	ID     model.ID
	Family *model.Family
	// Params are the family's parameters, all of them.
	Params model.Params
	AWS    AWS
	// Line is where the entry begins, from 1.
	Line int
}

// AWS is where a model is called, as whom, and how much of it at once.
type AWS struct {
	// Region is never empty; RegionSet tells whether the file names it, by
	// aws_region or by the model's ARN, or whether it is the default us-east-1.
	Region    string
	RegionSet bool
	Profile   string
	// AccessKeyID and SecretAccessKey are both set or both empty; SessionToken only comes with them.
	AccessKeyID, SecretAccessKey, SessionToken secret.String
	// RoleSource is "auto", "env" or "metadata".
	RoleSource string
	// Environment is the name or id of the environment whose role signs; ""
	// means the credential chain. With it Region tells nothing: it is the environment's.
	Environment string
	// EndpointURL replaces AWS's endpoint; "" keeps it.
	EndpointURL string
	// MaxConcurrent is how many calls may be in flight, PerMinute how many may be made in a minute.
	MaxConcurrent, PerMinute int
}

// Ignored is a part of the file that is Spice's and not Adit's.
type Ignored struct {
	// What is the path of the part, such as "datasets" or "embeddings[1].files".
	What string `json:"what"`
	// Line counts from 1.
	Line int `json:"line"`
	// Why says what the part is.
	Why string `json:"why"`
}

// String returns a line for the log.
func (i Ignored) String() string {
	return fmt.Sprintf("line %d: %s is not used by Adit: %s", i.Line, i.What, i.Why)
}

// Outline is [Load] without the secrets: it serves who asks what the file's
// models are before there are any keys. A value with a reference in it is left
// out, as if the file did not have it.
func Outline(path string, environ []string) (*File, error) {
	data, err := read(path)
	if err != nil {
		return nil, &Faults{File: path, Items: []Fault{unreadable(path, err)}}
	}
	r := newReader(path, data, filepath.Dir(path), environ)
	r.secretless = true
	return r.read(data)
}

// Load reads and checks the file at path. Secrets come from environ, which is
// "NAME=value" pairs, and from files beside path. The error is [*Faults].
func Load(path string, environ []string) (*File, error) {
	data, err := read(path)
	if err != nil {
		return nil, &Faults{File: path, Items: []Fault{unreadable(path, err)}}
	}
	return Parse(path, data, filepath.Dir(path), environ)
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	// One byte more than the limit tells Parse that there is too much.
	return io.ReadAll(io.LimitReader(f, MaxBytes+1))
}

func unreadable(path string, err error) Fault {
	if errors.Is(err, fs.ErrNotExist) {
		return Fault{File: path, Message: "there is no such file", Remedy: "Name the file, or create it; the manual's page on spicepod.yaml has a complete example."}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return Fault{File: path, Message: "the file cannot be read: " + err.Error(), Remedy: "Check the path and its permissions."}
}

// Parse checks the bytes of a spicepod.yaml. name stands for the file in
// faults; dir is where relative paths of secret stores start. The error is
// [*Faults] and holds everything that is wrong; the File is nil then.
func Parse(name string, data []byte, dir string, environ []string) (*File, error) {
	return newReader(name, data, dir, environ).read(data)
}

func newReader(name string, data []byte, dir string, environ []string) *reader {
	return &reader{
		file:     &File{Path: name},
		src:      newSource(name, data),
		dir:      dir,
		environ:  environ,
		misspelt: map[string]bool{},
		named:    map[string]int{},
	}
}

func (r *reader) read(data []byte) (*File, error) {
	if doc := r.decode(data); doc != nil {
		r.top(doc)
	}
	if err := r.faults(); err != nil {
		return nil, err
	}
	return r.file, nil
}
