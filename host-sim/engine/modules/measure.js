// `pinhole/measure`: meter() executed steps, bytes() allocated and not collected, collections(), collect().
export default Object.freeze($host.measure);
