// `embedded:network/interface/ethernet`: the ECMA-419 class, native.
export default $host.Ethernet;
