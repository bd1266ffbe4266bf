import { describeOrders, orderNames } from './sound-orders.ts';

describeOrders(orderNames, [1, 6]);
