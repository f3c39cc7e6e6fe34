// Package spicepod knows spicepod.yaml: it reads the file, finds everything
// that is wrong with it at once, and gives the models that it defines.
//
// It owns the AWS parameters of an entry and Adit's own; the parameters of a
// model family it takes from the catalogue, and the values of secrets from
// secretstore. It neither calls AWS nor decides which credentials win.
package spicepod
