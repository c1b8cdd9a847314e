// Package routing finds the agency that is responsible for a text.
//
// Rules come first: conditions that people wrote, as data with versions and
// dates (RuleSet). Where no rule holds, a linear classifier decides (Model). It
// starts from the registry's descriptions of the agencies and learns from the
// routings that people confirmed. Router puts both together: it assigns only
// when it is sure enough by its Policy, and in any case says why in terms a
// person can check – the rule and its version, or the model, its probability,
// the runner-up and the words that counted.
//
// The package is pure: no I/O, no clock, no shared state. Agencies are plain
// strings here, the codes of the registry. Texts are read as folded words, so
// accents typed or not make no difference.
package routing
